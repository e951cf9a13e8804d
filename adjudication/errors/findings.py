"""Reasons to refuse a finding, a remark on the facts, or what a reviewer makes of a late one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed, Words


class FactUnknown(DomainError):
    text = _("“%(fact)s” is no fact of a claim. Give one of: %(allowed)s.")
    fact: str
    allowed: Sequence[str]


class FactValueUnfit(DomainError):
    text = _("“%(value)s” is no value of the fact “%(fact)s”. Give one of: %(allowed)s.")
    fact: Words
    value: str
    allowed: Sequence[str]


class DiseaseNotAsked(DomainError):
    text = _(
        "The plan does not ask which disease it is for %(icd10)s: the code is enough. Record the diagnosis instead if "
        "it is another one."
    )
    icd10: str


class FactDayUnfit(DomainError):
    text = _("“%(value)s” is not a day. Write it as year, month and day, such as 2019-05-14.")
    value: str


class FindingIncomplete(DomainError):
    text = _("A finding needs what was found, how sure you are, and where it stands. Fill in all three.")


class NothingToWithdraw(DomainError):
    text = _("There is no finding of “%(fact)s” from this source, so there is none to withdraw. Record what you found.")
    fact: Words


class FindingTooLate(DomainError):
    text = _(
        "Claim %(ref)s is %(status)s. Facts can be found from the day on which an investigator takes the claim until "
        "it is decided."
    )
    ref: str
    status: Words


class PaperNotOfClaim(DomainError):
    http_status = 404
    text = _("Paper %(number)s does not belong to this claim. Choose one of its papers.")
    number: int


class EvidenceReliedOn(DomainError):
    text = _("A finding rests on “%(name)s”, so the file stays. Withdraw the finding instead if the file is wrong.")
    name: str


class RemarkTooLate(DomainError):
    text = _("Claim %(ref)s is %(status)s. You can answer the facts found only before anything is decided.")
    ref: str
    status: Words


class RemarkEmpty(DomainError):
    text = _("Write what is wrong with the facts found, or what is missing.")


class LateFindingWaits(DomainError):
    text = _(
        "Something was found after the report on claim %(ref)s was signed, and nobody has judged it yet (%(facts)s, "
        "first on %(at)s). Order another look, or dismiss it with a reason; then the claim goes on."
    )
    ref: str
    facts: Sequence[Words]
    at: dt.datetime


class NoLateFinding(DomainError):
    text = _("Nothing found after the report of claim %(ref)s waits for you. Reload the page to see the claim's state.")
    ref: str


class RoundStillOpen(DomainError):
    text = _(
        "Claim %(ref)s is %(status)s, and its jury or its doctors have not finished. Order another look when they have."
    )
    ref: str
    status: Words


class DismissalUnfit(DomainError):
    text = _("Say in at most %(most)s characters why the finding changes nothing: the applicant can read it.")
    most: int


class NotYourReview(NotAllowed):
    text = _("Only a reviewer who took no part in claim %(ref)s can say what follows from a late finding.")
    ref: str
