"""What the witnesses say of the log: tables can agree with each other, and still not be the log that was signed.

A restored backup or a rewritten past has no difference in it. Only those who have watched know better, so their
refusals and their silence are part of the result.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import psycopg

from audit.rules.notes import NoteMalformed, Signature, SignedNote, VerifierKey, is_signature
from audit.verification.cosignatures import WITNESS_STREAM

WITNESS_REFUSED = "log.witness_refused"
COSIGNED_WITHIN = dt.timedelta(hours=1)
"""How old a checkpoint may be without the cosignature of every witness of the settings."""

_MEANINGS = {
    "knows_more": "it has cosigned more entries than this log had: entries are lost, or an old backup was restored",
    "fork": "it has cosigned as many entries, but other ones: the past was changed, or a restored backup has grown",
    "inconsistent": "it has cosigned a tree that this log doesn't continue: the past was changed, or a restored backup "
    "has grown",
    "unknown_key": "it doesn't know the key that signs this log: its operator must confirm the new key",
    "unknown_log": "it hasn't been told to watch this log",
}
# A cosignature over a later checkpoint than the last one before the refusal settles it: the witness has gone on.
_OPEN_REFUSALS = """
SELECT DISTINCT ON (body ->> 'witness', body ->> 'reason')
       body ->> 'witness', body ->> 'reason', (body ->> 'offered')::bigint, recorded_at
  FROM audit_entry AS entry
 WHERE stream = %s AND kind = %s AND (body ->> 'cosigned_before')::bigint >= COALESCE(
       (SELECT max(checkpoint_id) FROM audit_cosignature WHERE witness = entry.body ->> 'witness'), 0)
 ORDER BY body ->> 'witness', body ->> 'reason', id DESC
"""
_DEMANDED = "SELECT max(size) FROM audit_checkpoint WHERE signed_at <= assize_now() - %s"
_COSIGNED = """
SELECT one.checkpoint_id, one.line, checkpoint.note
  FROM audit_cosignature AS one JOIN audit_checkpoint AS checkpoint ON checkpoint.size = one.checkpoint_id
 WHERE one.witness = %s AND one.key_hash = %s ORDER BY one.checkpoint_id DESC, one.id DESC LIMIT 1
"""


@dataclass(frozen=True)
class Refusal:
    """A witness that does not accept this log, as the log itself records it."""

    witness: str
    reason: str
    offered: int
    at: dt.datetime

    def __str__(self) -> str:
        meaning = _MEANINGS.get(self.reason, self.reason)
        return f"{self.witness} refused {self.offered:,} entries on {self.at:%Y-%m-%d %H:%M} UTC: {meaning}"


@dataclass(frozen=True)
class Missing:
    """A witness of the settings whose cosignature is overdue."""

    witness: str
    demanded: int
    cosigned: int

    def __str__(self) -> str:
        last = f"it has cosigned {self.cosigned:,}" if self.cosigned else "it has cosigned nothing"
        return f"{self.witness} has not cosigned the checkpoint of {self.demanded:,} entries or a later one; {last}"


def open_refusals(connection: psycopg.Connection[Any]) -> list[Refusal]:
    """What each witness refuses and has not cosigned since, whether the settings still name it or not."""
    rows = connection.execute(_OPEN_REFUSALS, [WITNESS_STREAM, WITNESS_REFUSED]).fetchall()
    return [Refusal(witness, reason, offered, at.astimezone(dt.UTC)) for witness, reason, offered, at in rows]


def missing_cosignatures(
    connection: psycopg.Connection[Any], witnesses: Collection[VerifierKey], within: dt.timedelta
) -> list[Missing]:
    """The witnesses without a valid cosignature on the newest checkpoint older than that, or on a later one."""
    row = connection.execute(_DEMANDED, [within]).fetchone()
    demanded = row[0] if row else None
    if demanded is None:
        return []
    found = [Missing(key.name, demanded, _last_cosigned(connection, key)) for key in witnesses]
    return [one for one in found if one.cosigned < demanded]


def _last_cosigned(connection: psycopg.Connection[Any], key: VerifierKey) -> int:
    """The size of the last checkpoint under the witness's cosignature, 0 where that isn't genuine."""
    row = connection.execute(_COSIGNED, [key.name, key.hash.hex()]).fetchone()
    if row is None:
        return 0
    size, line, note = row
    try:
        is_genuine = is_signature(Signature.parse(line), key, SignedNote.parse(note).text)
    except NoteMalformed:
        return 0
    return int(size) if is_genuine else 0
