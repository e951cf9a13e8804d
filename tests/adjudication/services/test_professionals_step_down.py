"""A doctor steps down from an opinion: another one is asked, and the count knows the difference."""

from __future__ import annotations

import pytest

from adjudication.services.advancing import advance_claim
from adjudication.services.opinions import give_opinion, open_file, recuse_opinion
from audit.models import Entry
from jury.errors.opinions import NotYourOpinion, OpinionAlreadyGiven, OpinionGivenUp
from jury.errors.seats import RecusalReasonUnknown
from jury.models import Opinion, OpinionRequest
from tests.adjudication.closeness import KINDS
from tests.adjudication.trials import Trial, at_vote
from tests.factories import make_user
from tests.moving import set_clock


def before_doctors(doctors: int = 3) -> Trial:
    trial = at_vote(doctors=doctors)
    assert trial.vote("aaa") == "second_opinion"
    return trial


def _first_request(trial: Trial) -> OpinionRequest:
    """Of the first round: what follows may have opened another."""
    return OpinionRequest.objects.filter(case_ref=trial.claim.ref).earliest("round")


def answer(opinion: Opinion, word: str = "yes") -> None:
    answers = {question["code"]: word for question in opinion.request.questions}
    give_opinion(opinion_id=opinion.pk, answers=answers, reasons="Seen.", by=opinion.professional)


def test_another_one_is_asked_who_is_not_close(db: None) -> None:
    trial = before_doctors()
    close, free = make_user(None, "professional"), make_user(None, "professional")
    KINDS["employer"][1](trial.claim, close)
    opinion = trial.request.opinions.order_by("pk").first()
    assert opinion is not None
    recuse_opinion(opinion_id=opinion.pk, reason="knows_somebody", by=opinion.professional)
    asked = trial.request.opinions.filter(recused_at=None).values_list("professional_id", flat=True)
    assert free.pk in asked
    assert not {close.pk, opinion.professional_id} & set(asked)
    body = Entry.objects.get(kind="opinion.recused").body
    assert (body["opinion"], body["reason"]) == (opinion.pk, "knows_somebody")
    assert list(body["asked_instead"].values()) == [free.audit_ref]
    for act in (
        lambda: open_file(opinion_id=opinion.pk, by=opinion.professional),
        lambda: answer(opinion),
        lambda: recuse_opinion(opinion_id=opinion.pk, reason="other", by=opinion.professional),
    ):
        with pytest.raises(OpinionGivenUp):
            act()


def test_where_nobody_is_free_those_left_decide(db: None) -> None:
    trial = before_doctors()
    first, *others = trial.request.opinions.select_related("professional").order_by("pk")
    recuse_opinion(opinion_id=first.pk, reason="health", by=first.professional)
    for opinion in others:
        answer(opinion)
    advance_claim(claim_id=trial.claim.pk)
    request = _first_request(trial)
    assert (request.status, request.conclusion) == ("closed", "confirmed")


def test_where_all_step_down_the_deadline_decides(db: None) -> None:
    trial = before_doctors()
    for opinion in trial.request.opinions.select_related("professional"):
        recuse_opinion(opinion_id=opinion.pk, reason="health", by=opinion.professional)
    advance_claim(claim_id=trial.claim.pk)
    assert trial.request.status == "open"
    set_clock(trial.request.due_at)
    advance_claim(claim_id=trial.claim.pk)
    request = _first_request(trial)
    assert (request.status, request.conclusion) == ("closed", "inconclusive")


def test_only_its_doctor_steps_down_and_not_afterwards(db: None) -> None:
    trial = before_doctors()
    opinion, other = trial.request.opinions.select_related("professional").order_by("pk")[:2]
    with pytest.raises(NotYourOpinion):
        recuse_opinion(opinion_id=opinion.pk, reason="other", by=other.professional)
    with pytest.raises(RecusalReasonUnknown):
        recuse_opinion(opinion_id=opinion.pk, reason="conflict", by=opinion.professional)
    answer(opinion)
    with pytest.raises(OpinionAlreadyGiven):
        recuse_opinion(opinion_id=opinion.pk, reason="other", by=opinion.professional)
