"""Giving jurors what became known while they vote."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from audit import clock
from audit.actors import Actor
from audit.rules.canonical import ascii_digest
from audit.services import append
from jury.errors.addenda import AddendumAlreadyReleased
from jury.errors.panels import not_voting
from jury.models import Addendum, Ballot, Panel
from jury.selectors.draws import stream_of
from jury.services.telling import tell_sitting

HOURS = 24
"""By how much an addendum extends the close where the plan has no extension of its own."""


def release_addendum(*, panel_id: int, content: dict[str, Any], by: Actor) -> Addendum:
    """Add to an open panel's file and extend its close by the hours of the plan's extension; once a panel.

    The frozen file stays as it is, and a ballot that its juror does not change counts as it was cast. The caller checks
    who may, and that `content` names nobody. Raises PanelNotOpen, PanelClosed, AddendumAlreadyReleased.
    """
    with transaction.atomic():
        # Waits for ballots being cast, which hold the panel FOR SHARE, and for a close under way.
        panel = Panel.objects.select_for_update().get(pk=panel_id)
        earlier = Addendum.objects.filter(panel=panel).first()
        if earlier is not None:
            raise AddendumAlreadyReleased(case=panel.case_ref, at=earlier.released_at)
        # After every ballot that its juror cast without knowing of it.
        now = clock.now_after(Ballot.objects.filter(seat__panel=panel).aggregate(last=Max("cast_at"))["last"])
        would_close_at = panel.closes_at
        if panel.status != Panel.Status.OPEN or would_close_at is None or would_close_at <= now:
            raise not_voting(would_close_at, now)
        panel.addendum_at = now
        panel.closes_at = would_close_at + timedelta(hours=panel.extension_hours or HOURS)
        panel.save(update_fields=["addendum_at", "closes_at"])
        addendum = Addendum.objects.create(
            panel=panel,
            content=content,
            digest=ascii_digest(content),
            released_at=now,
            would_close_at=would_close_at,
            closes_at=panel.closes_at,
        )
        entry = append(
            kind="panel.addendum",
            stream=stream_of(panel),
            by=by,
            body={
                "panel": panel.pk,
                "round": panel.round,
                "digest": addendum.digest,
                "would_close_at": would_close_at.isoformat(),
                "closes_at": panel.closes_at.isoformat(),
            },
        )
        tell_sitting("jury.addendum", panel, entry, closes_at=panel.closes_at)
    return addendum
