"""Entries of the log in one statement: the rows that `append` would write, with digests and their own salts."""

from __future__ import annotations

_INSERT = """
INSERT INTO audit_entry (kind, stream, actor, body, head_salt, body_salt, leaf, recorded_at)
SELECT kind, stream, actor, body::json, head_salt, body_salt,
       sha256(head_salt || convert_to('{{"kind":"' || kind || '","stream":"' || stream || '"}}', 'UTF8'))
       || sha256(body_salt || convert_to('{{"actor":"' || actor || '","body":' || body || ',"recorded_at":"' ||
          to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"}}', 'UTF8')),
       recorded_at
FROM (
    SELECT each.*, uuid_send(gen_random_uuid()) AS head_salt, uuid_send(gen_random_uuid()) AS body_salt
      FROM ({rows}) AS each
) AS made
"""


def insert_entries(rows: str) -> str:
    """The statement for rows of kind, stream, actor, body and recorded_at; the body is canonical JSON as text."""
    return _INSERT.format(rows=rows)
