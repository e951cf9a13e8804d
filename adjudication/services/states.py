"""Moving a claim along its state machine: every act that changes its state does it here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from adjudication.models import Claim
from audit import clock


def enter(claim: Claim, act: Callable[[], None], *, due_at: dt.datetime | None, at: dt.datetime | None = None) -> None:
    """Move a claim by `act`, one of its own transitions, and store the moment.

    `due_at` is when the sweep looks at it again; None where it waits for a person. Part of an act, which has locked the
    claim's row and writes the entry.
    """
    act()
    claim.status_since, claim.due_at = at or clock.now(), due_at
    claim.lacking, claim.lacking_since = "", None
    claim.save(update_fields=["status", "status_since", "due_at", "lacking", "lacking_since", "amount_minor"])


def wait_until(claim: Claim, due_at: dt.datetime | None) -> None:
    """Leave a claim in its state, and let the sweep look at it at `due_at`; None where it waits for a person."""
    claim.due_at = due_at
    claim.save(update_fields=["due_at"])


def begin_hold(claim: Claim, reason: str) -> None:
    """Put a claim on hold for the plan's days: part of an act, which has locked its row and writes the entry."""
    claim.hold_reason, claim.held_since = reason, clock.now()
    claim.hold_until = end_of_hold(claim, claim.held_since)
    claim.save(update_fields=["hold_reason", "held_since", "hold_until"])


def end_of_hold(claim: Claim, at: dt.datetime) -> dt.datetime:
    """When a hold lifts by itself that begins or is renewed at a moment: in every plan version there is such a day."""
    return at + dt.timedelta(days=claim.plan_version.rules.waits.hold_ends_after_days)


def hold_facts(claim: Claim) -> dict[str, str | None]:
    """What the entry of a hold says of its end."""
    return {"until": claim.hold_until.isoformat() if claim.hold_until else None}
