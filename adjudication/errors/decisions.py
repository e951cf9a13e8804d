"""Reasons to refuse issuing a decision."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed, Words


class AlreadyDecided(DomainError):
    text = _(
        "Claim %(ref)s was already decided (%(outcome)s) on %(at)s. A decision is never changed; open the claim to "
        "read it."
    )
    ref: str
    outcome: Words
    at: dt.datetime


class NothingToDecide(DomainError):
    text = _(
        "Claim %(ref)s can't be decided now: it is %(status)s, and the panel or the professionals have not finished. "
        "The claim's page shows their deadline."
    )
    ref: str
    status: Words


class IdentityUnsettled(DomainError):
    text = _(
        "Something speaks against the identity number of the member behind claim %(ref)s, and nothing is paid before "
        "a reviewer has confirmed who it is. Settle the question on the page of identities first."
    )
    ref: str


class TookPart(NotAllowed):
    text = _(
        "You took part in claim %(ref)s (as its applicant, investigator, juror or professional), so someone else must "
        "issue its decision."
    )
    ref: str
