"""Reasons to refuse giving jurors what was found while they vote."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed, Words


class NotYourAddendum(NotAllowed):
    text = _(
        "Only the investigator of claim %(ref)s, or a reviewer who took no part in it, can give its jurors what was "
        "found after the report."
    )
    ref: str


class NothingForJurors(DomainError):
    text = _(
        "Claim %(ref)s is %(status)s, and no jury votes on it now. What was found after the report is settled by a "
        "reviewer, who orders another look or dismisses it."
    )
    ref: str
    status: Words


class AddendumEmpty(DomainError):
    text = _("Write for the jurors, in a few sentences and without names, what is new and where it comes from.")
