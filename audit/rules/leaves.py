"""The leaf of an entry: two salted digests of its canonical JSON, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
from hashlib import sha256

DIGEST_BYTES = 32
LEAF_BYTES = 2 * DIGEST_BYTES
SALT_BYTES = 16
_quoted = json.encoder.encode_basestring


def moment_text(moment: dt.datetime) -> str:
    """The moment in UTC, to the microsecond, such as `2026-11-22T09:27:00.000000Z`."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def head_text(*, kind: str, stream: str) -> str:
    """What the first digest covers beside its salt: the canonical JSON of kind and stream."""
    return f'{{"kind":{_quoted(kind)},"stream":{_quoted(stream)}}}'


def body_text(*, actor: str, body: str, recorded: str) -> str:
    """What the second digest covers beside its salt; `body` is canonical JSON, `recorded` a moment's text."""
    return f'{{"actor":{_quoted(actor)},"body":{body},"recorded_at":"{recorded}"}}'


def salted_digest(salt: bytes, text: str) -> bytes:
    """SHA-256(salt ‖ text in UTF-8): 32 bytes."""
    return sha256(salt + text.encode()).digest()


def leaf_data(
    *, kind: str, stream: str, actor: str, body: str, recorded: str, head_salt: bytes, body_salt: bytes
) -> bytes:
    """The 64 bytes that the public log holds of an entry: head digest ‖ body digest."""
    head = salted_digest(head_salt, head_text(kind=kind, stream=stream))
    return head + salted_digest(body_salt, body_text(actor=actor, body=body, recorded=recorded))
