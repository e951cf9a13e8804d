"""Reasons to refuse an addendum to a panel's file."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError


class AddendumAlreadyReleased(DomainError):
    text = _(
        "The jurors of case %(case)s were given an addendum at %(at)s, and there is one a vote. What is found now "
        "waits until the vote has closed; a reviewer then says what follows from it."
    )
    case: str
    at: dt.datetime
