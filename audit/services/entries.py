"""Writing an entry."""

from __future__ import annotations

from typing import Any

from django.db import connection

from audit import clock
from audit.actors import Actor
from audit.models import Entry
from audit.models.entries import new_salt
from audit.rooms import check_kind
from audit.rules.canonical import canonical_json
from audit.rules.leaves import leaf_data, moment_text

_COLUMNS = ["id", "kind", "stream", "actor", "body", "head_salt", "body_salt", "leaf", "recorded_at"]
_INSERT = (
    "INSERT INTO audit_entry (kind, stream, actor, body, head_salt, body_salt, leaf, recorded_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"
)


class NotInTransaction(RuntimeError):
    """An entry was about to be written outside the transaction of the act that it records."""


def append(*, kind: str, stream: str, by: Actor, body: dict[str, Any] | None = None) -> Entry:
    """Record an act in its own transaction, so that neither can exist without the other.

    `kind` is noun.verb (`claim.submitted`), `stream` what the act is about (`claim:C26-7K3M9Q`, `panel:7`,
    `period:xhb/2026-11-21`). `body` is JSON without personal data and without fractions. Raises NotInTransaction
    outside `atomic`, audit.rooms.KindUnknown and audit.rules.canonical.NotCanonical.
    """
    check_kind(kind)
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{kind}: write the entry inside the act's transaction.atomic()")
    # The moment is digested into the leaf, so it is read here once and not left to the column's default.
    facts, recorded_at, actor = body or {}, clock.now(), by.audit_ref
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
    # Every act of the service pays for this statement: through the ORM it would cost twice as much.
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [kind, stream, actor, text, head_salt, body_salt, leaf, recorded_at])
        (pk,) = cursor.fetchone()
    values = [pk, kind, stream, actor, facts, head_salt, body_salt, leaf, recorded_at]
    return Entry.from_db(connection.alias, _COLUMNS, values)
