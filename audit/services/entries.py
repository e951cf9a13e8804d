"""Writing an entry."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection

from audit import clock
from audit.actors import SYSTEM, Actor
from audit.entries import FILLER, FILLER_STREAM
from audit.models import Entry
from audit.models.entries import new_salt
from audit.rooms import check_kind
from audit.rules.canonical import canonical_json
from audit.rules.leaves import leaf_data, moment_text

_COLUMNS = ["id", "kind", "stream", "actor", "body", "head_salt", "body_salt", "leaf", "recorded_at"]
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s)"
_INSERT_MANY = "INSERT INTO audit_entry (kind, stream, actor, body, head_salt, body_salt, leaf, recorded_at) VALUES "
INSERT = f"{_INSERT_MANY}{_ROW} RETURNING id"
"""The statement that writes an entry of `values_of`: for an act that writes its own row and the entry at once."""


class NotInTransaction(RuntimeError):
    """An entry was about to be written outside the transaction of the act that it records."""


def append(*, kind: str, stream: str, by: Actor, body: dict[str, Any] | None = None) -> Entry:
    """Record an act in its own transaction, so that neither can exist without the other.

    `kind` is noun.verb (`claim.submitted`), `stream` what the act is about (`claim:C26-7K3M9Q`, `panel:7`,
    `period:xhb/2026-11-21`). `body` is JSON without personal data and without fractions. Raises NotInTransaction
    outside `atomic`, audit.rooms.KindUnknown and audit.rules.canonical.NotCanonical.
    """
    facts = body or {}
    # The moment is digested into the leaf, so it is read here once and not left to the column's default.
    row = values_of(kind=kind, stream=stream, by=by, body=facts, at=clock.now())
    # Every act of the service pays for this statement: through the ORM it would cost twice as much.
    with connection.cursor() as cursor:
        cursor.execute(INSERT, row)
        (pk,) = cursor.fetchone()
    values = [pk, kind, stream, by.audit_ref, facts, *row[4:]]
    return Entry.from_db(connection.alias, _COLUMNS, values)


def values_of(*, kind: str, stream: str, by: Actor, body: dict[str, Any], at: dt.datetime) -> list[Any]:
    """The values of `INSERT` for an entry as `append` takes it; `at` is the moment that the act has read from the
    clock. Raises what `append` raises.
    """
    check_kind(kind)
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{kind}: write the entry inside the act's transaction.atomic()")
    return _row(kind, stream, by.audit_ref, body, at)


def append_fillers(count: int) -> list[int]:
    """Append entries that say nothing, for the sequencer to fill the tree with; their ids. Needs a transaction."""
    recorded_at = clock.now()
    rows = [_row(FILLER, FILLER_STREAM, SYSTEM.audit_ref, {}, recorded_at) for _ in range(count)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_INSERT_MANY}{', '.join([_ROW] * count)} RETURNING id", [value for row in rows for value in row]
        )
        return [pk for (pk,) in cursor.fetchall()]


def _row(kind: str, stream: str, actor: str, facts: dict[str, Any], recorded_at: dt.datetime) -> list[Any]:
    head_salt, body_salt, text = new_salt(), new_salt(), canonical_json(facts)
    leaf = leaf_data(
        kind=kind,
        stream=stream,
        actor=actor,
        body=text,
        recorded=moment_text(recorded_at),
        head_salt=head_salt,
        body_salt=body_salt,
    )
    return [kind, stream, actor, text, head_salt, body_salt, leaf, recorded_at]
