"""Writing an entry."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from audit.models.entries import new_salt
from audit.rules.leaves import canonical_json, leaf_data, moment_text


class NotInTransaction(RuntimeError):
    """An entry was about to be written outside the transaction of the act that it records."""


def append(*, kind: str, stream: str, by: Actor, body: dict[str, Any] | None = None) -> Entry:
    """Record an act in its own transaction, so that neither can exist without the other.

    `kind` is noun.verb (`claim.submitted`), `stream` the thing acted upon (`claim:C26-7K3M9Q`, `panel:7`,
    `period:xhb/2026-11-21`). `body` is JSON without personal data and without fractions. Raises NotInTransaction
    outside `atomic`, and audit.rules.leaves.NotCanonical.
    """
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction(f"{kind}: write the entry inside the act's transaction.atomic()")
    facts, recorded_at = body or {}, timezone.now()
    head_salt, body_salt = new_salt(), new_salt()
    leaf = leaf_data(
        kind=kind,
        stream=stream,
        actor=by.audit_ref,
        body=canonical_json(facts),
        recorded=moment_text(recorded_at),
        head_salt=head_salt,
        body_salt=body_salt,
    )
    return Entry.objects.create(
        kind=kind,
        stream=stream,
        actor=by.audit_ref,
        body=facts,
        head_salt=head_salt,
        body_salt=body_salt,
        leaf=leaf,
        recorded_at=recorded_at,
    )
