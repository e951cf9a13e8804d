"""What was found after the freeze is given to the jurors who are voting, as an addendum to their file."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from adjudication.errors.addenda import AddendumEmpty, NothingForJurors, NotYourAddendum
from adjudication.errors.claims import TextTooLong
from adjudication.errors.findings import NoLateFinding
from adjudication.models import Claim
from adjudication.selectors.addenda import addendum_content
from adjudication.selectors.decisions import people_who_took_part
from adjudication.selectors.findings import late_findings
from adjudication.selectors.latest import latest_hearing, latest_investigation
from adjudication.services.conflicts import check_no_conflict
from adjudication.services.jury_texts import check_for_jury
from adjudication.services.locks import locked_claim
from adjudication.services.states import wait_until
from adjudication.services.telling import tell_applicants
from audit.models import Entry
from audit.services import append
from jury.models import Addendum
from jury.services import addenda
from members.access import is_investigator, is_reviewer
from members.models import User

LONGEST_TEXT = 2_000


@transaction.atomic
def release_addendum(*, claim_ref: str, text: str, by: User) -> Addendum:
    """Give the jurors who are voting every finding that came after the freeze, with what is new in words.

    It changes neither the frozen file nor the amount: after the close a reviewer still says what follows from the
    findings. Raises ClaimUnknown, NotYourAddendum, ConflictOfInterest, NothingForJurors, NoLateFinding, AddendumEmpty,
    TextTooLong, NamesInSummary, and what the panel's `release_addendum` raises.
    """
    # The claim first, as in every act on what belongs to it, then the panel: the close takes them in this order too.
    claim = locked_claim(ref=claim_ref)
    _check_may(claim, by)
    hearing = latest_hearing(claim)
    if claim.status != Claim.Status.JURY_REVIEW or hearing is None:
        raise NothingForJurors(ref=claim.ref, status=Claim.Status(claim.status))
    if not late_findings(claim):
        raise NoLateFinding(ref=claim.ref)
    text = text.strip()
    if not text:
        raise AddendumEmpty
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(what=_("The text"), limit=LONGEST_TEXT)
    check_for_jury(text, claim)
    content = addendum_content(claim, text)
    addendum = addenda.release_addendum(panel_id=hearing.panel_id, content=content, by=by)
    wait_until(claim, addendum.closes_at)
    body = {"round": hearing.round, "findings": [one.pk for one in late_findings(claim)], "digest": addendum.digest}
    entry: Entry = append(kind="finding.released", stream=claim.stream, by=by, body=body)
    tell_applicants("adjudication.addendum", claim, entry, closes_at=addendum.closes_at)
    return addendum


def _check_may(claim: Claim, by: User) -> None:
    last = latest_investigation(claim)
    is_theirs = is_investigator(by) and last is not None and last.investigator_id == by.pk
    if not is_theirs and not is_reviewer(by):
        raise NotYourAddendum(ref=claim.ref)
    check_no_conflict(claim, by)
    if not is_theirs and by.pk in people_who_took_part(claim):
        raise NotYourAddendum(ref=claim.ref)
