"""What applicants, investigators and reviewers are told, act by act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.urls import reverse

from adjudication.models import Claim
from adjudication.selectors.recipients import applicants_of
from adjudication.services.advancing import advance_claim
from adjudication.services.answers import ACCEPTED, JURY, answer_report
from adjudication.services.claims import withdraw_claim
from adjudication.services.holds import lift_hold, place_hold
from adjudication.services.investigations import return_report
from members.models import Message, User
from members.selectors.messages import told
from tests.adjudication.making import make_claim, taken
from tests.adjudication.services.test_answers import answer_of, asked_trial
from tests.adjudication.trials import AGAINST, DISPUTED, at_vote, make_trial, small_cast
from tests.bent import bend_all
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_user, take_roles_back
from tests.inboxes import inbox, last_told
from tests.members.serving import notices, send
from tests.moving import move_clock

pytestmark = pytest.mark.django_db

INVESTIGATED = ["adjudication.filed", "adjudication.taken"]


def test_the_member_is_told_that_the_claim_is_filed_and_taken(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    assert inbox(cast.member) == ["adjudication.filed"]
    assert told(last_told(cast.member)).path == reverse("claim_detail", args=[claim.ref])
    taken(claim, cast.investigator)
    assert inbox(cast.member) == INVESTIGATED
    assert [inbox(user) for user in (cast.investigator, cast.reviewer, cast.outsider)] == [[], [], []]


def test_a_clause_that_is_not_met_is_told_at_the_filing(cast: Cast) -> None:
    make_claim(cast.membership, cast.member, icd10="A00.9")
    assert inbox(cast.member) == ["adjudication.filed", "adjudication.clause_not_met"]


def test_a_claim_that_a_clause_rejects_is_told_as_the_decision_and_not_as_a_warning() -> None:
    cast = small_cast({"failed_clause_rejects = false": "failed_clause_rejects = true"})
    claim = make_claim(cast.membership, cast.member, icd10="A00.9")
    assert claim.status == "rejected"
    assert inbox(cast.member) == ["adjudication.filed", "adjudication.rejected"]


def test_no_subject_holds_an_illness_a_name_or_an_amount() -> None:
    trial = at_vote()
    trial.vote("sss", is_medical_question=True)
    trial.opine("yes")
    trial.issue()
    assert trial.claim.amount_minor is not None
    secrets = ["Zhao", "C50", "breast", "300,000", str(trial.claim.amount_minor), "13911112222"]
    for message in Message.objects.all():
        assert not [secret for secret in secrets if secret.lower() in told(message).subject.lower()]


def family(cast: Cast) -> tuple[User, User]:
    """A payer, and an adult whom they pay for and who has a log-in of their own."""
    payer, adult = make_user(), make_user()
    make_person("Payer", user=payer)
    make_person("Adult", user=adult, payer=payer.person)
    return payer, adult


def test_a_claim_that_the_payer_filed_is_told_to_both(cast: Cast) -> None:
    payer, adult = family(cast)
    make_claim(make_membership(cast.plan, adult.person), payer)
    assert (inbox(payer), inbox(adult)) == (["adjudication.filed"], ["adjudication.filed"])


def test_a_claim_that_an_adult_filed_is_not_told_to_the_payer(cast: Cast) -> None:
    payer, adult = family(cast)
    make_claim(make_membership(cast.plan, adult.person), adult)
    assert (inbox(payer), inbox(adult)) == ([], ["adjudication.filed"])


@pytest.mark.parametrize(
    "files", [lambda payer, cast: payer, lambda payer, cast: cast.reviewer], ids=["payer", "staff"]
)
def test_a_child_s_claim_is_told_once_to_the_payer_and_not_to_staff(
    cast: Cast, files: Callable[[User, Cast], User]
) -> None:
    payer = make_user()
    child = make_person("Child", dt.date(2015, 3, 1), payer=make_person("Payer", user=payer))
    claim = make_claim(make_membership(cast.plan, child), files(payer, cast))
    assert applicants_of(claim) == [child]
    assert inbox(payer) == ["adjudication.filed"]
    assert inbox(cast.reviewer) == []


def test_a_report_against_the_claim_asks_the_applicant_with_a_deadline() -> None:
    trial = asked_trial()
    assert inbox(trial.cast.member) == [*INVESTIGATED, "adjudication.answer_asked"]
    asked = last_told(trial.cast.member)
    assert asked.due_at == answer_of(trial).due_at
    assert told(asked).path == reverse("claim_answer", args=[trial.claim.ref])
    assert inbox(trial.cast.reviewer) == ["adjudication.report_against"]


def test_a_report_for_the_claim_is_not_told_to_reviewers_as_one_against() -> None:
    assert inbox(make_trial().cast.reviewer) == []


@pytest.mark.parametrize(
    ("choice", "kinds"),
    [
        (JURY, ["adjudication.answer_jury", "adjudication.hearing_opened"]),
        (ACCEPTED, ["adjudication.answer_accepted"]),
    ],
)
def test_an_answer_is_confirmed(choice: str, kinds: list[str]) -> None:
    trial = asked_trial()
    answer_report(claim_ref=trial.claim.ref, choice=choice, by=trial.cast.member)
    trial.advance()
    assert inbox(trial.cast.member)[3:] == kinds


def test_silence_is_told_as_consent() -> None:
    trial = asked_trial()
    send(*notices(trial.claim.stream))
    move_clock(days=12)
    trial.advance()
    assert inbox(trial.cast.member)[3:] == ["adjudication.answer_lapsed"]


def test_a_hold_is_told_to_the_applicant_and_the_investigator_who_has_the_claim(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    taken(claim, cast.investigator)
    place_hold(claim_ref=claim.ref, reason="A letter came back.", by=cast.reviewer)
    lift_hold(claim_ref=claim.ref, by=cast.reviewer)
    assert inbox(cast.member) == [*INVESTIGATED, "adjudication.held", "adjudication.released"]
    assert inbox(cast.investigator) == ["adjudication.held_investigation", "adjudication.released_investigation"]
    assert "letter" not in " ".join(told(last_told(cast.investigator)).body)


def test_after_a_hold_the_renewed_time_is_told_instead_of_the_lifting() -> None:
    trial = asked_trial()
    place_hold(claim_ref=trial.claim.ref, reason="A letter came back.", by=trial.cast.reviewer)
    move_clock(days=3)
    lift_hold(claim_ref=trial.claim.ref, by=trial.cast.reviewer)
    assert inbox(trial.cast.member)[3:] == ["adjudication.held", "adjudication.answer_renewed"]
    assert last_told(trial.cast.member).due_at == answer_of(trial).due_at
    assert inbox(trial.cast.investigator) == []


def test_a_withdrawal_ends_it_for_everyone_who_works_on_the_claim(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    taken(claim, cast.investigator)
    withdraw_claim(claim_ref=claim.ref, by=cast.member)
    assert inbox(cast.member) == [*INVESTIGATED, "adjudication.withdrawn"]
    assert inbox(cast.investigator) == ["adjudication.withdrawn_investigation"]


def test_a_returned_report_is_told_to_the_applicant_and_to_its_author() -> None:
    trial = asked_trial()
    again = return_report(claim_ref=trial.claim.ref, reason="Ask the second hospital.", by=trial.cast.reviewer)
    assert inbox(trial.cast.member)[3:] == ["adjudication.returned"]
    assert inbox(trial.cast.investigator) == ["adjudication.report_returned"]
    returned = told(last_told(trial.cast.investigator))
    assert returned.path == reverse("investigation_detail", args=[again.pk])
    assert "hospital" not in " ".join(returned.body)


def test_doubtful_opinions_send_the_claim_back_and_the_applicant_is_told() -> None:
    trial = at_vote()
    trial.vote("aaa")
    trial.opine("unsure")
    assert inbox(trial.cast.member)[2:] == [
        "adjudication.hearing_opened",
        "adjudication.referred",
        "adjudication.reinvestigated",
    ]


def test_a_claim_that_waits_for_its_decision_is_told_once_to_reviewers_who_took_no_part() -> None:
    cast = small_cast(DISPUTED)
    trial = make_trial(cast)
    involved = cast.other_reviewer
    bend_all(Claim.objects.filter(pk=trial.claim.pk), filed_by=involved)
    for _run in range(3):
        advance_claim(claim_id=trial.claim.pk)
    assert inbox(cast.reviewer) == ["adjudication.decision_awaited"]
    assert told(last_told(cast.reviewer)).path == reverse("board_claim", args=[trial.claim.ref])
    assert inbox(involved) == []


@pytest.mark.parametrize(("recommends", "kind"), [({}, "approved"), (AGAINST, "rejected")])
def test_the_decision_is_told_with_the_same_subject_whatever_it_is(recommends: dict[str, str], kind: str) -> None:
    trial = make_trial(small_cast(DISPUTED), report=recommends)
    trial.advance()
    if kind == "rejected":
        answer_report(claim_ref=trial.claim.ref, choice=ACCEPTED, by=trial.cast.member)
        trial.advance()
    trial.issue()
    message = last_told(trial.cast.member)
    assert message.kind == f"adjudication.{kind}"
    assert told(message).subject == f"The decision on claim {trial.claim.ref}"


def test_reviewers_learn_once_that_a_plan_has_no_jurors() -> None:
    trial = make_trial(jurors=0)
    for _run in range(2):
        assert advance_claim(claim_id=trial.claim.pk) == 0
    assert inbox(trial.cast.reviewer) == ["adjudication.no_jurors"]


def test_reviewers_learn_once_that_no_doctor_is_free() -> None:
    trial = at_vote()
    take_roles_back(trial.cast.professional, trial.claim.submitted_at)
    for doctor in trial.doctors:
        take_roles_back(doctor, trial.claim.submitted_at)
    for _run in range(2):
        trial.vote("" if trial.seats[0].last_sequence else "aaa")
    assert inbox(trial.cast.reviewer) == ["adjudication.no_professionals"]


def test_the_applicant_is_asked_for_a_word_until_the_draw() -> None:
    trial = make_trial()
    trial.advance()
    message = last_told(trial.cast.member)
    assert (message.kind, message.due_at) == ("adjudication.hearing_opened", trial.panel.nonce_due_at)
    assert told(message).path == reverse("claim_nonce", args=[trial.claim.ref])


def test_another_jury_is_announced_as_another_one() -> None:
    trial = make_trial(jurors=12)
    trial.draw()
    trial.vote("aaa")
    assert trial.opine("yes") == "jury_review"
    assert inbox(trial.cast.member)[2:] == [
        "adjudication.hearing_opened",
        "adjudication.referred",
        "adjudication.hearing_again",
    ]
