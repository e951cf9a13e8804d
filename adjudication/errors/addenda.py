"""Reasons to refuse giving jurors what was found while they vote."""

from __future__ import annotations

from collections.abc import Sequence

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


class PaperAlreadyShown(DomainError):
    text = _("The jurors have paper %(number)s in their file already. Choose another one.")
    number: int


class PaperShowsIdentity(DomainError):
    text = _("Paper %(number)s proves who somebody is, so jurors never see it. Choose another one.")
    number: int


class NamesInPaper(DomainError):
    text = _(
        "“%(name)s” shows %(what)s of someone on the claimant's side, in its title or its text. Choose a copy in which "
        "it is removed: jurors must not know who it is."
    )
    name: str
    what: Sequence[Words]


class NamesNotRemoved(DomainError):
    text = _("Confirm that no name stands in the papers: jurors do not learn whom they judge.")


class LatePaperNeedsDuty(DomainError):
    text = _("Say in which duty you got the new files. Give one of: %(allowed)s.")
    allowed: Sequence[Words]
