"""Writing the log."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from audit.actors import Actor
from audit.models import Entry


class NotInTransaction(RuntimeError):
    """An entry was about to be written outside the transaction of the act that it records."""


def append(*, kind: str, stream: str, by: Actor, body: dict[str, Any] | None = None) -> Entry:
    """Record an act in its own transaction, so that neither can exist without the other.

    `kind` is noun.verb (`claim.submitted`), `stream` the thing acted upon (`claim:C26-7K3M9Q`, `panel:7`,
    `period:xhb/2026-11-21`). `body` is JSON without personal data. Raises NotInTransaction outside `atomic`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction(f"{kind}: write the entry inside the act's transaction.atomic()")
    return Entry.objects.create(kind=kind, stream=stream, actor=by.audit_ref, body=body or {})
