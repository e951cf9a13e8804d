"""What the rules of ending a plan forbid."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, Words


class PlanDissolving(DomainError):
    text = _(
        "%(plan)s accepts no new members: it has too few to continue, and its cover ends at 00:00 of %(day)s. "
        "Look at the other plans."
    )
    plan: Words
    day: dt.date


class AlreadyDissolving(DomainError):
    text = _(
        "The end of plan %(plan)s is already %(status)s, and a plan ends once. Load the page again to see its state."
    )
    plan: str
    status: Words


class DissolutionNotProposed(DomainError):
    text = _(
        "The end of plan %(plan)s is %(status)s, and only a proposed end can be confirmed or withdrawn. Load the "
        "page again to see its state."
    )
    plan: str
    status: Words
