"""Reasons to refuse a hearing."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, Words


class NotInvestigated(DomainError):
    text = _(
        "Claim %(ref)s is %(status)s: a hearing opens only on a claim whose investigation report is signed. Reload the "
        "page to see the claim's state."
    )
    ref: str
    status: Words
