"""The applicant's own account: as they wrote it, as it is proposed for the jury, and as jurors read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adjudication.models import Account, Claim, Investigation
from adjudication.rules.accounts import Known, Role, masked_account

WRITABLE = frozenset({"submitted", "under_investigation"})
"""The states in which nothing is frozen, so that the applicant can write for the jury."""


@dataclass(frozen=True)
class Proposed:
    """The last account, and what jurors would read of it."""

    account: Account
    masked: str


@dataclass(frozen=True)
class Shown:
    """The last account as its applicant sees it."""

    text: str
    for_jurors: str
    is_frozen: bool
    written_at: dt.datetime | None


def proposed_account(claim: Claim) -> Proposed | None:
    """The last account with its people replaced, for the investigator to read; None where there is none."""
    account = claim.accounts.order_by("-pk").first()
    return None if account is None else Proposed(account, masked_account(account.text, known_of(claim), claim.hospital))


def known_of(claim: Claim) -> list[Known]:
    """The people whom an account of this claim may name: the member, who pays for them, and who filed it."""
    person = claim.membership.person
    filer = getattr(claim.filed_by, "person", None) if claim.filed_by else None
    roles = {Role.MEMBER: person, Role.PAYER: person.payer, Role.FILER: filer}
    known, seen = [], set()
    for role, one in roles.items():
        if one is None or one.pk in seen:
            continue
        seen.add(one.pk)
        known.append(
            Known(role=role, name=one.name, phone=one.phone, id_number=one.id_number, address=one.address),
        )
    return known


def account_in(case_file: Mapping[str, Any]) -> str:
    """The account that belongs to a frozen file, as jurors read it; empty where there is none.

    The file holds its digest alone: the text is encrypted in the report.
    """
    named = case_file.get("account")
    if not named:
        return ""
    return Investigation.objects.only("jury_account", "status").get(pk=named["investigation"]).jury_account


def frozen_account(claim: Claim) -> Investigation | None:
    """The last signed report in which an account stands, as the applicant can see what jurors read."""
    return claim.investigations.filter(status="signed", account__isnull=False).order_by("-round").first()


def account_for_applicant(claim: Claim) -> Shown:
    """The last account with what jurors read of it, or would read; empty where there is none."""
    proposed = proposed_account(claim)
    if proposed is None:
        return Shown("", "", is_frozen=False, written_at=None)
    account, frozen = proposed.account, frozen_account(claim)
    is_frozen = frozen is not None and frozen.account_id == account.pk
    for_jurors = frozen.jury_account if frozen is not None and is_frozen else proposed.masked
    return Shown(account.text, for_jurors, is_frozen=is_frozen, written_at=account.written_at)
