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
    claim.save()


def wait_until(claim: Claim, due_at: dt.datetime | None) -> None:
    """Leave a claim in its state, and let the sweep look at it at `due_at`; None where it waits for a person."""
    claim.due_at = due_at
    claim.save(update_fields=["due_at"])
