"""Who sees which claim, investigation and file."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

from adjudication.models import Claim, Evidence, Hearing, Investigation
from adjudication.selectors.claims import (
    BoardFilters,
    board,
    claims_named_to,
    claims_visible_to,
    own_claims,
)
from adjudication.selectors.drafts import drafts_visible_to, unsent_draft
from adjudication.selectors.evidence import evidence_visible_to
from adjudication.selectors.investigations import (
    due_state,
    investigations_named_to,
    investigations_of,
    investigations_visible_to,
    signed_by,
    waiting_investigations,
)
from adjudication.services.claims import withdraw_claim
from adjudication.services.drafts import start_draft
from adjudication.services.evidence import add_files
from adjudication.services.hearings import open_hearing
from audit import clock
from audit.actors import SYSTEM
from audit.services import publish
from jury.models import Juror, Opinion, OpinionRequest, Panel, Seat
from tests.adjudication.making import investigated_claim, make_claim, pdf, record_all, signed, taken
from tests.bent import bend, unguarded
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_user


def test_each_role_sees_its_claims(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    everybody = cast.by_role() | {"other_investigator": cast.other_investigator}

    def seen_by() -> set[str]:
        return {role for role, user in everybody.items() if claim in claims_visible_to(user or AnonymousUser())}

    def named_to() -> set[str]:
        return {role for role, user in everybody.items() if claim in claims_named_to(user or AnonymousUser())}

    always = {"member", "reviewer", "auditor"}
    assert seen_by() == always | {"investigator", "other_investigator"}
    assert named_to() == always
    taken(claim, cast.investigator)
    assert seen_by() == named_to() == always | {"investigator"}
    withdraw_claim(claim_ref=claim.ref, by=cast.member)
    assert seen_by() == named_to() == always


def test_payers_see_their_familys_claims_and_filers_theirs(cast: Cast) -> None:
    child = make_membership(cast.plan, make_person("Wang Le", dt.date(2015, 1, 1), payer=cast.membership.person))
    claim = make_claim(child, cast.reviewer)
    assert list(own_claims(cast.member)) == [claim]
    assert list(own_claims(cast.reviewer)) == [claim]
    assert not own_claims(cast.auditor).exists()
    assert not own_claims(AnonymousUser()).exists()


def test_someone_without_their_log_in_sees_nothing(cast: Cast) -> None:
    make_claim(cast.membership, cast.member)
    cast.member.is_active = False
    for seen in (own_claims, claims_visible_to, claims_named_to, evidence_visible_to, drafts_visible_to):
        assert not seen(cast.member).exists()


def test_a_claim_of_several_rounds_comes_once(cast: Cast) -> None:
    from adjudication.services.investigations import return_report

    claim = investigated_claim(cast)
    second = return_report(claim_ref=claim.ref, reason="More", by=cast.reviewer)
    taken(claim, cast.investigator)
    assert list(claims_visible_to(cast.investigator)) == [claim]
    assert set(investigations_visible_to(cast.investigator)) == set(claim.investigations.all())
    assert list(investigations_of(cast.investigator)) == [second]
    assert list(signed_by(cast.investigator)) == [claim.investigations.get(round=1)]


def test_the_worklist_leaves_out_ones_own_household(cast: Cast) -> None:
    near = make_membership(cast.plan, make_person("Zhao Li", user=cast.investigator))
    make_claim(near, cast.reviewer)
    far = make_claim(cast.membership, cast.member)
    assert [one.claim for one in waiting_investigations(cast.investigator)] == [far]
    assert waiting_investigations(cast.other_investigator).count() == 2


def test_investigations_are_for_three_roles(cast: Cast) -> None:
    make_claim(cast.membership, cast.member)
    counts = {role: investigations_visible_to(user or AnonymousUser()).count() for role, user in cast.by_role().items()}
    assert {role for role, count in counts.items() if count} == {"investigator", "reviewer", "auditor"}
    named = {role: investigations_named_to(user or AnonymousUser()).count() for role, user in cast.by_role().items()}
    assert {role for role, count in named.items() if count} == {"reviewer", "auditor"}


@pytest.mark.parametrize(("days", "state"), [(8, "in_time"), (7, "due_soon"), (1, "due_soon"), (0, "overdue")])
def test_due_states_follow_the_plans_warning(cast: Cast, days: int, state: str) -> None:
    investigation = make_claim(cast.membership, cast.member).investigations.get()
    now = investigation.due_at - dt.timedelta(days=days)
    assert due_state(investigation, now).value == state


def test_a_draft_and_its_papers_are_the_writers_alone(cast: Cast) -> None:
    draft = start_draft(by=cast.member)
    [paper] = add_files(uploads=[pdf()], kind="other", title="", by=cast.member, draft=draft)
    for role, user in cast.by_role().items():
        asked = user or AnonymousUser()
        assert drafts_visible_to(asked).exists() is (role == "member")
        assert (unsent_draft(asked) == draft) is (role == "member")
        assert evidence_visible_to(asked).filter(pk=paper.pk).exists() is (role == "member")


def files_of(cast: Cast) -> tuple[Claim, Evidence, Evidence, Evidence]:
    """A claim in investigation with a paper of the member, a finding, and a finding for the jury."""
    claim = make_claim(cast.membership, cast.member)
    [paper] = add_files(uploads=[pdf()], kind="other", title="", by=cast.member, claim=claim)
    duty = taken(claim, cast.investigator).duties.all()[0]
    [finding] = add_files(uploads=[pdf()], kind="finding", title="", by=cast.investigator, duty=duty)
    [shown] = add_files(uploads=[pdf()], kind="finding", title="", by=cast.investigator, duty=duty, is_for_jury=True)
    return claim, paper, finding, shown


def test_each_role_opens_its_files(cast: Cast) -> None:
    _claim, paper, finding, shown = files_of(cast)
    expected = {
        "member": {paper},
        "investigator": {paper, finding, shown},
        "reviewer": {paper, finding, shown},
        "auditor": {paper, finding, shown},
    }
    for role, user in cast.by_role().items():
        assert set(evidence_visible_to(user or AnonymousUser())) == expected.get(role, set()), role
    assert not evidence_visible_to(cast.other_investigator).exists()


def heard(cast: Cast) -> tuple[Panel, Evidence, Juror]:
    """The claim's hearing, one juror of the pool, and the file for the jury."""
    claim, _paper, _finding, shown = files_of(cast)
    investigation = Investigation.objects.get(claim=claim)
    record_all(investigation, cast.investigator)
    signed(investigation, cast.investigator)
    now = clock.now()
    membership = make_membership(cast.plan, make_person("Qian Duo", user=make_user()))
    juror = Juror.objects.create(
        plan=cast.plan,
        number=1,
        person=membership.person,
        membership=membership,
        exam_passed_at=now,
        qualified_at=now,
    )
    return open_hearing(claim_id=claim.pk, by=SYSTEM).panel, shown, juror


def test_a_juror_opens_what_is_for_the_jury_while_the_panel_is_open(cast: Cast) -> None:
    panel, shown, juror = heard(cast)
    user = juror.person.user
    with unguarded():
        seat = Seat.objects.create(panel=panel, juror=juror, place=1, summoned_at=clock.now())
    assert not evidence_visible_to(user).exists()
    sealed = publish()
    assert sealed is not None
    panel.seat()
    panel.checkpoint_size = sealed.size
    panel.drawn_at = clock.now()
    panel.closes_at = panel.drawn_at + dt.timedelta(hours=24)
    bend(panel)
    assert list(evidence_visible_to(user)) == [shown]
    assert not claims_visible_to(user).exists()
    seat.recuse()
    seat.recused_at = clock.now()
    bend(seat)
    assert not evidence_visible_to(user).exists()


def test_a_professional_opens_what_is_for_the_jury_while_asked(cast: Cast) -> None:
    panel, shown, _juror = heard(cast)
    now = clock.now()
    request = OpinionRequest.objects.create(
        plan=cast.plan,
        case_ref=panel.case_ref,
        round=1,
        questions=[],
        case_file={},
        file_digest="0" * 64,
        opened_at=now,
        due_at=now + dt.timedelta(hours=72),
    )
    hearing = Hearing.objects.get(panel=panel)
    hearing.opinion_request = request
    bend(hearing)
    assert not evidence_visible_to(cast.professional).exists()
    Opinion.objects.create(request=request, professional=cast.professional, assigned_at=now)
    assert list(evidence_visible_to(cast.professional)) == [shown]
    request.close()
    request.conclusion = "confirmed"
    request.closed_at = now
    bend(request)
    assert not evidence_visible_to(cast.professional).exists()


def test_the_board_is_for_reviewers_and_auditors(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    for role, user in cast.by_role().items():
        assert board(user or AnonymousUser()).exists() is (role in {"reviewer", "auditor"}), role
    for filters, found in [
        (BoardFilters(status="submitted"), True),
        (BoardFilters(status="paid"), False),
        (BoardFilters(plan=cast.plan.code), True),
        (BoardFilters(plan="other"), False),
        (BoardFilters(search=claim.ref[-4:].lower()), True),
        (BoardFilters(overdue=True), False),
    ]:
        assert board(cast.reviewer, filters).exists() is found, filters
    Claim.objects.filter(pk=claim.pk).update(due_at=clock.now() - dt.timedelta(days=1))
    assert board(cast.reviewer, {"overdue": True}).exists()
