"""Hearings: opening one, empanelling its jury, and asking professionals after its verdict."""

from __future__ import annotations

from django.db import transaction

from adjudication.errors.hearings import NotInvestigated
from adjudication.models import Claim, Hearing
from adjudication.models.hearings import HearingKind
from adjudication.selectors.case_files import case_facts, file_digest, masked_case_file
from adjudication.selectors.conflicts import people_in_conflict
from adjudication.selectors.decisions import people_of_claim
from adjudication.selectors.latest import latest_hearing, latest_investigation
from adjudication.services.locks import locked_claim
from adjudication.services.states import enter
from adjudication.services.telling import tell_applicants
from audit import clock
from audit.actors import Actor
from audit.services import append
from jury.services.opinions import open_request
from jury.services.panels import commit_panel
from members.models.users import Role
from members.selectors.users import holders_of

_REFERRED = {True: "adjudication.referred", False: "adjudication.no_doctor_found"}
"""What an applicant is told, by whether anybody could be asked."""


def open_hearing(*, claim_id: int, by: Actor, may_be_empty: bool = False) -> Hearing:
    """Open the hearing of an investigated claim: freeze the masked file and commit the draw.

    `may_be_empty`: also where the plan has no juror; such a panel is hung. Raises NotInvestigated, NoJurors.
    """
    with transaction.atomic():
        claim = locked_claim(pk=claim_id)
        if claim.status != Claim.Status.INVESTIGATED:
            raise NotInvestigated(ref=claim.ref, status=Claim.Status(claim.status))
        kind = HearingKind.REHEARING if claim.hearings.exists() else HearingKind.FIRST
        return empanel(claim=claim, kind=kind, by=by, may_be_empty=may_be_empty)


@transaction.atomic
def empanel(*, claim: Claim, kind: HearingKind, by: Actor, may_be_empty: bool = False) -> Hearing:
    """Commit the draw of the next panel over a claim, on its last report; the claim goes to the jury.

    A fresh panel is larger, final, and reads the opinion that led to it; one that repeats a disputed panel is as large
    and as final as that, and reads the opinion that it met. The claim's row is locked by the caller's
    act. Raises NotInvestigated, and what `commit_panel` raises.
    """
    investigation, before = latest_investigation(claim), latest_hearing(claim)
    if investigation is None:
        raise NotInvestigated(ref=claim.ref, status=Claim.Status(claim.status))
    rules, is_final = claim.plan_version.rules, kind in {HearingKind.FRESH, HearingKind.APPEAL}
    if kind == HearingKind.REPEAT and before is not None:
        is_final = before.is_final
    opinion = before.opinion_request if before and kind in {HearingKind.FRESH, HearingKind.REPEAT} else None
    round_ = before.round + 1 if before else 1
    case_file = masked_case_file(claim, investigation, opinion)
    panel = commit_panel(
        plan=claim.plan,
        rules=rules,
        case_ref=claim.ref,
        round=round_,
        seats=rules.jury.fresh_seats if is_final else rules.jury.seats,
        quorum=rules.jury.fresh_quorum if is_final else rules.jury.quorum,
        case_file=case_file,
        case_facts=case_facts(claim),
        by=by,
        may_be_empty=may_be_empty,
    )
    hearing = Hearing.objects.create(
        claim=claim,
        round=round_,
        kind=kind,
        is_final=is_final,
        investigation=investigation,
        panel=panel,
        opened_at=clock.now(),
    )
    acts = {HearingKind.FRESH: claim.empanel_afresh, HearingKind.REPEAT: claim.repeat_panel}
    act = acts.get(kind, claim.open_hearing)
    enter(claim, act, due_at=panel.nonce_due_at)
    entry = append(
        kind="hearing.opened",
        stream=claim.stream,
        by=by,
        body={
            "round": round_,
            "kind": kind.value,
            "panel": panel.pk,
            "file_digest": file_digest(case_file),
            "rules_digest": rules.digest,
        },
    )
    told = "adjudication.hearing_opened" if kind == HearingKind.FIRST else "adjudication.hearing_again"
    tell_applicants(told, claim, entry, word_by=panel.nonce_due_at)
    return hearing


@transaction.atomic
def refer_to_professionals(
    *, claim: Claim, hearing: Hearing, triggers: list[str], by: Actor, may_be_empty: bool = False
) -> None:
    """Ask professionals the medical questions after a verdict that meets a trigger of the plan.

    `may_be_empty`: also where nobody is free to answer; such an opinion is inconclusive. Raises NoProfessionals. The
    claim's row is locked by the caller's act.
    """
    request = open_request(
        plan=claim.plan,
        rules=claim.plan_version.rules,
        case_ref=claim.ref,
        round=hearing.round,
        case_file=hearing.panel.case_file,
        file_digest=hearing.panel.file_digest,
        triggers_met=triggers,
        exclude_user_ids=people_of_claim(claim)
        | people_in_conflict(claim, holders_of(Role.PROFESSIONAL).select_related("person")),
        by=by,
        may_be_empty=may_be_empty,
    )
    hearing.opinion_request = request
    hearing.save(update_fields=["opinion_request"])
    enter(claim, claim.refer_to_professionals, due_at=request.due_at)
    entry = append(
        kind="claim.referred_to_professionals",
        stream=claim.stream,
        by=by,
        body={
            "round": hearing.round,
            "triggers": triggers,
            "due_at": request.due_at.isoformat(),
            "asks_somebody": request.opinions.exists(),
        },
    )
    tell_applicants(_REFERRED[request.opinions.exists()], claim, entry)
