"""Reasons to refuse filing, withdrawing or settling a claim."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed, Words


class NotYourClaim(NotAllowed):
    text = _("You can claim only for yourself and for the people you pay for. Sign in as the member, or ask them to.")


class ClaimUnknown(DomainError):
    http_status = 404
    text = _("There is no claim %(ref)s that you may see. Check the number.")
    ref: str


class ClaimAlreadyOpen(DomainError):
    text = _(
        "Claim %(ref)s of this member is still open, and a member has one claim at a time. Follow that claim, or "
        "withdraw it before you send another."
    )
    ref: str


class SeverityUnknown(DomainError):
    text = _("“%(severity)s” is not a severity. Choose mild or severe, as the report says.")
    severity: str


class DiseaseUnfit(DomainError):
    text = _("“%(value)s” is none of the diseases that the plan tells apart for %(icd10)s. Give one of: %(allowed)s.")
    value: str
    icd10: str
    allowed: Sequence[str]


class HospitalMissing(DomainError):
    text = _("The hospital is missing. Write the name of the hospital that made the diagnosis.")


class TextTooLong(DomainError):
    text = _("%(what)s is too long. Write at most %(limit)s characters; longer texts can be added as a file.")
    what: Words
    limit: int


class DiagnosisInFuture(DomainError):
    text = _("The first diagnosis (%(on)s) is after today (%(today)s). Write the day given on the report.")
    on: dt.date
    today: dt.date


class DiagnosisBeforeBirth(DomainError):
    text = _(
        "The first diagnosis (%(on)s) is before the birth of the person who is ill. Check the day, and who is ill."
    )
    on: dt.date


class SuspicionImpossible(DomainError):
    text = _(
        "The first suspicion or treatment (%(on)s) must lie between the birth and the first diagnosis (%(diagnosed)s). "
        "Check both days, or leave the first one empty."
    )
    on: dt.date
    diagnosed: dt.date


class DiagnosedBeforeJoining(DomainError):
    text = _(
        "On %(on)s this person was not yet a member: the membership began on %(joined)s. Only an illness first "
        "diagnosed since then can be claimed."
    )
    on: dt.date
    joined: dt.date


class DiagnosedOutsideMembership(DomainError):
    text = _(
        "On %(on)s this person was not a member: the membership began on %(joined)s and ended on %(left)s. Only an "
        "illness first diagnosed in that time can be claimed."
    )
    on: dt.date
    joined: dt.date
    left: dt.date


class ClaimNotWithdrawable(DomainError):
    text = _("Claim %(ref)s is %(status)s. A claim can be withdrawn only before it is decided; nothing was changed.")
    ref: str
    status: Words


class ClaimNotApproved(DomainError):
    text = _("Claim %(ref)s is %(status)s. Only an approved claim can be paid.")
    ref: str
    status: Words


class NoNonceAwaited(DomainError):
    text = _("No draw of claim %(ref)s is waiting for your word: it is not announced yet, or already made.")
    ref: str
