"""What was found after the freeze is given to the jurors who are voting, as an addendum to their file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from adjudication.errors.addenda import (
    AddendumEmpty,
    LatePaperNeedsDuty,
    NamesNotRemoved,
    NothingForJurors,
    NotYourAddendum,
    PaperAlreadyShown,
    PaperShowsIdentity,
)
from adjudication.errors.claims import TextTooLong
from adjudication.errors.evidence import EvidenceNotYours
from adjudication.errors.findings import NoLateFinding, PaperNotOfClaim
from adjudication.files import Upload
from adjudication.models import AddendumPaper, Claim, DutyRecord, Evidence
from adjudication.selectors.addenda import addendum_content
from adjudication.selectors.decisions import people_who_took_part
from adjudication.selectors.evidence import is_shown_to_jurors
from adjudication.selectors.findings import late_findings
from adjudication.selectors.latest import latest_hearing, latest_investigation
from adjudication.services.conflicts import check_no_conflict
from adjudication.services.evidence import check_masked, file_for_addendum, salted_digest
from adjudication.services.jury_texts import check_for_jury
from adjudication.services.locks import locked_claim
from adjudication.services.states import wait_until
from adjudication.services.telling import tell_applicants
from adjudication.stored_files import removed_if_refused
from audit.models import Entry
from audit.services import append
from jury.models import Addendum
from jury.services import addenda
from members.access import is_investigator, is_reviewer
from members.models import User

LONGEST_TEXT = 2_000


@dataclass(frozen=True, kw_only=True)
class Papers:
    """What is given with the words: papers of the claim by their numbers, and files that came in after the report, with
    the kind of the duty in which the investigator got them.
    """

    filed: Sequence[int] = ()
    uploads: Sequence[Upload] = ()
    duty: str = ""
    are_masked: bool = False
    """Whether who gives them has made sure that they show nobody who the claim is about."""


NONE = Papers()


@transaction.atomic
@removed_if_refused()
def release_addendum(*, claim_ref: str, text: str, by: User, papers: Papers = NONE) -> Addendum:
    """Give the jurors who are voting every finding that came after the freeze, with what is new in words, and the
    papers that show it.

    It changes neither the frozen file nor the amount: after the close a reviewer still says what follows from the
    findings. Only the investigator files new papers. Raises ClaimUnknown, NotYourAddendum, ConflictOfInterest,
    NothingForJurors, NoLateFinding, AddendumEmpty, TextTooLong, NamesInSummary, NamesNotRemoved, PaperNotOfClaim,
    PaperAlreadyShown, PaperShowsIdentity, EvidenceNotYours, LatePaperNeedsDuty, what `check_masked` and
    `file_for_addendum` raise, and what the panel's `release_addendum` raises.
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
    given = _papers(claim, papers, by)
    content = addendum_content(claim, text, [_listed(one) for one in given])
    addendum = addenda.release_addendum(panel_id=hearing.panel_id, content=content, by=by)
    for one in given:
        AddendumPaper.objects.create(addendum=addendum, evidence=one)
    wait_until(claim, addendum.closes_at)
    body = {
        "round": hearing.round,
        "findings": [one.pk for one in late_findings(claim)],
        "papers": [one.pk for one in given],
        "digest": addendum.digest,
    }
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


def _papers(claim: Claim, papers: Papers, by: User) -> list[Evidence]:
    """The papers given, those that are filed already first; new ones are filed now."""
    if (papers.filed or papers.uploads) and not papers.are_masked:
        raise NamesNotRemoved
    found = [_filed(claim, number) for number in dict.fromkeys(papers.filed)]
    if not papers.uploads:
        return found
    return found + file_for_addendum(uploads=papers.uploads, duty=_duty(claim, papers.duty, by), by=by)


def _filed(claim: Claim, number: int) -> Evidence:
    paper = claim.evidence.filter(pk=number).first()
    if paper is None:
        raise PaperNotOfClaim(number=number)
    if is_shown_to_jurors(paper):
        raise PaperAlreadyShown(number=number)
    if paper.kind == Evidence.Kind.IDENTITY:
        raise PaperShowsIdentity(number=number)
    check_masked(paper)
    return paper


def _duty(claim: Claim, kind: str, by: User) -> DutyRecord:
    """The duty under which a late paper is filed: of the report that the jurors judge by, by its investigator."""
    last = latest_investigation(claim)
    if last is None or last.investigator_id != by.pk:
        raise EvidenceNotYours
    duty = last.duties.filter(kind=kind).first()
    if duty is None:
        raise LatePaperNeedsDuty(allowed=[DutyRecord.Kind(one).label for one in DutyRecord.Kind.values])
    duty.investigation.claim = claim
    return duty


def _listed(paper: Evidence) -> dict[str, Any]:
    """A paper as the addendum's content lists it: its digest there binds what jurors read."""
    return {
        "id": paper.pk,
        "kind": paper.kind,
        "content_type": paper.content_type,
        "size_bytes": paper.size_bytes,
        "digest": salted_digest(paper),
    }
