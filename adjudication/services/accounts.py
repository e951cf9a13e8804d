"""The applicant's own account for the jury: written until the freeze, and accepted without names at the signature."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from adjudication.errors.accounts import (
    AccountEmpty,
    AccountNamesSomebody,
    AccountRewritten,
    AccountTooLate,
    AccountUnread,
)
from adjudication.errors.claims import NotYourClaim, TextTooLong
from adjudication.models import Account, Claim, Investigation
from adjudication.rules.accounts import ROLE_WORDS, Role, only_leaves_out, tidy
from adjudication.selectors.accounts import WRITABLE
from adjudication.selectors.claims import is_own_claim
from adjudication.selectors.recipients import open_investigation_of
from adjudication.services.claim_checks import LONGEST_ACCOUNT
from adjudication.services.jury_texts import personal_data_for_jury
from adjudication.services.locks import locked_claim
from adjudication.services.telling import tell_investigator
from audit import clock
from audit.services import append
from members.models import User


@transaction.atomic
def write_account(*, claim_ref: str, text: str, by: User) -> Account:
    """Write, or write again, what the jury should read in the applicant's own words, until the report is signed.

    Raises ClaimUnknown, NotYourClaim, AccountTooLate, AccountEmpty, TextTooLong.
    """
    claim = locked_claim(ref=claim_ref)
    if not is_own_claim(by, claim):
        raise NotYourClaim
    if claim.status not in WRITABLE:
        raise AccountTooLate(ref=claim.ref, status=Claim.Status(claim.status))
    return store_account(claim=claim, text=text, by=by)


@transaction.atomic
def add_to_account(*, claim: Claim, text: str, by: User) -> Account:
    """Put a text behind the account that is there. The claim's row is locked by the caller's act.

    Raises AccountTooLate, AccountEmpty, TextTooLong.
    """
    if claim.status not in WRITABLE:
        raise AccountTooLate(ref=claim.ref, status=Claim.Status(claim.status))
    earlier = claim.accounts.order_by("-pk").first()
    return store_account(claim=claim, text="\n\n".join([*([earlier.text] if earlier else []), tidy(text)]), by=by)


@transaction.atomic
def store_account(*, claim: Claim, text: str, by: User) -> Account:
    """Write the row and its entry; part of an act that has locked the claim. Raises AccountEmpty, TextTooLong."""
    text = tidy(text)
    if not text:
        raise AccountEmpty
    if len(text) > LONGEST_ACCOUNT:
        raise TextTooLong(what=_("The account"), limit=LONGEST_ACCOUNT)
    earlier = claim.accounts.order_by("-pk").first()
    moment = clock.now() if earlier is None else clock.now_after(earlier.written_at)
    account = Account.objects.create(
        claim=claim, text=text, written_by=by, written_at=moment, salt=secrets.token_hex(32)
    )
    body = {"account": account.pk, "replaces": earlier.pk if earlier else None, "digest": account_digest(account, text)}
    entry = append(kind="account.written", stream=claim.stream, by=by, body=body)
    tell_investigator("adjudication.account_investigation", claim, open_investigation_of(claim), entry)
    return account


def freeze_account(investigation: Investigation, masked: str | None) -> None:
    """Put the account into the report as jurors read it; part of the signature, which saves the report.

    Where the applicant wrote one, the investigator has read it without names: only words that identify somebody are
    replaced. Raises AccountUnread, AccountRewritten, AccountNamesSomebody.
    """
    claim = investigation.claim
    account = claim.accounts.order_by("-pk").first()
    if account is None:
        return
    if masked is None or not masked.strip():
        raise AccountUnread(ref=claim.ref)
    masked = tidy(masked)
    if not only_leaves_out(account.text, masked):
        raise AccountRewritten(word=ROLE_WORDS[Role.LEFT_OUT][0])
    found = personal_data_for_jury(masked, claim)
    if found:
        raise AccountNamesSomebody(what=found)
    investigation.account, investigation.jury_account = account, masked


def account_digest(account: Account, text: str) -> str:
    """SHA-256 over the account's salt and a text of it: as it was written, or as jurors read it."""
    return hashlib.sha256(bytes.fromhex(account.salt) + text.encode()).hexdigest()
