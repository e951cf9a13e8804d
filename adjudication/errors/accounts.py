"""Reasons to refuse the applicant's account for the jury, or what an investigator made of it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, Words


class AccountEmpty(DomainError):
    text = _("The account is empty. Write what happened in your own words.")


class AccountTooLate(DomainError):
    text = _(
        "Claim %(ref)s is %(status)s, and what the jury reads is frozen. An account can be written until the "
        "investigator signs the report, and again if the claim is investigated further."
    )
    ref: str
    status: Words


class AccountUnread(DomainError):
    text = _(
        "The applicant of claim %(ref)s wrote an account for the jury. Read it, and send it along as jurors may read "
        "it, with every name replaced."
    )
    ref: str


class AccountRewritten(DomainError):
    text = _(
        "The account is the applicant's: you can replace words that identify somebody by one of the words in brackets, "
        "such as %(word)s, and change nothing else. If the applicant has just written it again, read it again."
    )
    word: str


class AccountNamesSomebody(DomainError):
    text = _(
        "The account still shows who it is: %(what)s. Replace these words by one of the words in brackets, so that "
        "jurors judge without knowing."
    )
    what: Sequence[Words]
