"""Reasons to refuse an act on a panel."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError


class PanelNotOpen(DomainError):
    """The vote hasn't begun, or ended before its time."""

    text = _("The vote on this case isn't open. There is nothing for you to do here.")


class PanelClosed(DomainError):
    text = _("The vote on this case closed at %(closed)s. What was cast until then counts.")
    closed: dt.datetime


def not_voting(closes: dt.datetime | None, now: dt.datetime) -> PanelNotOpen | PanelClosed:
    """Why nobody can vote on this panel: its time is over, or voting has not begun, or the panel ended early."""
    return PanelClosed(closed=closes) if closes is not None and closes <= now else PanelNotOpen()


class PanelNotClosed(DomainError):
    text = _("The vote on case %(case)s has not been counted yet. Come back after its close.")
    case: str


class PanelNotDue(DomainError):
    text = _("The vote stays open until %(closes)s, or until every juror has cast a ballot.")
    closes: dt.datetime


class PanelKeyLocked(DomainError):
    text = _("This service's closing key does not unlock the panel's key. Check the closing key and close again.")


class ClosingKeyMissing(DomainError):
    text = _(
        "The vote on case %(case)s cannot be closed here: this process has no closing key. Close it on a worker, which "
        "has the private half."
    )
    case: str
