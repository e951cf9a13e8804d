"""Telling applicants, investigators and reviewers what happened to a claim: part of the act that the entry records."""

from __future__ import annotations

from adjudication.models import Claim, Investigation
from adjudication.selectors.recipients import applicants_of, open_investigation_of, reviewers_for
from audit.models import Entry
from members.services.messages import Telling, tell, tell_all, tell_each


def tell_applicants(kind: str, claim: Claim, entry: Entry, **values: object) -> None:
    """Tell the member, and the payer who filed for them."""
    tell_all(kind, [Telling(one, entry, values={"ref": claim.ref, **values}) for one in applicants_of(claim)])


def tell_investigator(kind: str, claim: Claim, investigation: Investigation | None, entry: Entry) -> None:
    """Tell the investigator who has the claim, if anyone has."""
    if investigation is None or investigation.investigator is None:
        return
    tell(kind, to=investigation.investigator, entry=entry, ref=claim.ref, investigation=investigation.pk)


def tell_withdrawal(claim: Claim, withdrawal_id: int, entry: Entry) -> None:
    """Tell those who have to note what a withdrawn record means: the claim's investigator, else the reviewers."""
    investigation = open_investigation_of(claim)
    kind, told = "adjudication.record_withdrawn", reviewers_for(claim)
    if investigation is not None and investigation.investigator is not None:
        kind, told = "adjudication.record_withdrawn_investigation", [investigation.investigator]
    tell_each(kind, to=told, entry=entry, ref=claim.ref, withdrawal=withdrawal_id)


def tell_reviewers(kind: str, claim: Claim, entry: Entry) -> None:
    """Tell the reviewers who took no part in the claim."""
    tell_each(kind, to=reviewers_for(claim), entry=entry, ref=claim.ref)
