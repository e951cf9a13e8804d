"""Every cosignature that is kept, against the witnesses' keys."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import psycopg

from audit.rules.notes import COSIGNATURE_V1, NoteMalformed, Signature, VerifierKey, cosigned_at, is_signature
from audit.verification.differences import Difference

WITNESS_STREAM = "log:witnesses"
WITNESS_INTRODUCED = "log.witness_introduced"

_KEYS = "SELECT body ->> 'key' FROM audit_entry WHERE stream = %s AND kind = %s ORDER BY id"
_OF_CHECKPOINT = """
SELECT witness, key_hash, line, extract(epoch FROM cosigned_at)::bigint
FROM audit_cosignature WHERE checkpoint_id = %s ORDER BY id
"""
_LAST_OF = "SELECT max(checkpoint_id) FROM audit_cosignature WHERE witness = %s AND key_hash = %s"
_ORPHAN = """
SELECT checkpoint_id, witness FROM audit_cosignature AS one
WHERE checkpoint_id > %s AND NOT EXISTS (SELECT 1 FROM audit_checkpoint WHERE size = one.checkpoint_id)
ORDER BY checkpoint_id, id LIMIT 1
"""


class Cosignatures:
    """The cosignatures of a log, read checkpoint by checkpoint."""

    def __init__(
        self, connection: psycopg.Connection[Any], known: Collection[VerifierKey], wanted: Collection[VerifierKey]
    ) -> None:
        """`known` are the keys of the settings; `wanted` must have cosigned the last checkpoint."""
        self.connection, self.wanted = connection, wanted
        named = [_key(text) for (text,) in connection.execute(_KEYS, [WITNESS_STREAM, WITNESS_INTRODUCED])]
        self.keys = [*wanted, *known, *(key for key in named if key)]
        self.count = 0

    def difference(self, size: int, text: str) -> Difference | None:
        """The first cosignature of this checkpoint, whose text is given, that isn't what it should be."""
        for witness, key_hash, line, seconds in self.connection.execute(_OF_CHECKPOINT, [size]):
            fault = self._fault(text, witness, key_hash, line, seconds)
            if fault:
                return Difference(size - 1, "audit_cosignature", f"of {size} by {witness}", *fault)
            self.count += 1
        return None

    def orphan(self, since: int, size: int) -> Difference | None:
        """A cosignature over a checkpoint that there isn't."""
        row = self.connection.execute(_ORPHAN, [since]).fetchone()
        if row is None:
            return None
        return Difference(
            size, "audit_cosignature", f"of {row[0]} by {row[1]}", "no such checkpoint", "the one it signs"
        )

    def missing(self, size: int, text: str) -> Difference | None:
        """The first of the wanted witnesses that has not cosigned this checkpoint, the last one."""
        lines = [line for _witness, _hash, line, _at in self.connection.execute(_OF_CHECKPOINT, [size])]
        signatures = [found for found in map(_signature, lines) if found]
        for key in self.wanted:
            if any(is_signature(one, key, text) for one in signatures):
                continue
            row = self.connection.execute(_LAST_OF, [key.name, key.hash.hex()]).fetchone()
            last = f"the last under its name is over {row[0]} entries" if row and row[0] else "and none before"
            found = f"no cosignature by {key.name}, {last}"
            return Difference(size - 1, "audit_cosignature", f"of {size}", found, f"one by {key.text}")
        return None

    def _fault(self, text: str, witness: str, key_hash: str, line: str, seconds: int) -> tuple[str, str] | None:
        """What is found and what is expected, if the row isn't right."""
        signature = _signature(line)
        if signature is None:
            return "a line that is no cosignature", "the witness's signature line"
        if (signature.name, signature.key_hash.hex()) != (witness, key_hash):
            return f"a line by {signature.name} under the key {signature.key_hash.hex()}", f"one under {key_hash}"
        keys = [key for key in self.keys if signature.is_by(key)]
        if not keys:
            return f"the key {key_hash}", "the key of a witness that the log, the settings or --witness names"
        if not any(is_signature(signature, key, text) for key in keys):
            return "a wrong signature", f"one over this checkpoint by {keys[0].text}"
        if cosigned_at(signature) != seconds:
            return f"the second {seconds}", f"{cosigned_at(signature)}, which is cosigned"
        return None


def _key(text: str | None) -> VerifierKey | None:
    """A witness's key in an entry; None for anything else, with which nothing can be cosigned."""
    try:
        key = VerifierKey.parse(text or "")
    except NoteMalformed:
        return None
    return key if key.algorithm == COSIGNATURE_V1 else None


def _signature(line: str) -> Signature | None:
    try:
        found = Signature.parse(line)
        cosigned_at(found)
    except NoteMalformed:
        return None
    return found
