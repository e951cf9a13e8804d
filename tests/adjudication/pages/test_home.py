"""The start page: for everybody signed in, what waits for them and for nobody else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from adjudication.models import Hearing
from adjudication.services.drafts import start_draft
from audit import clock
from jury.models import Opinion
from tests.adjudication.making import make_claim, taken
from tests.adjudication.trials import at_vote, juror_of, make_trial, small_cast
from tests.audit.working import all_is_well
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_user
from tests.moving import move_clock, set_clock

pytestmark = pytest.mark.django_db
HOME = reverse("home")


def text_for(client: Client, user: object) -> str:
    client.force_login(user)  # type: ignore[arg-type]
    response = client.get(HOME)
    assert response.status_code == 200
    return response.content.decode()


def test_a_stranger_is_sent_to_the_login(client: Client) -> None:
    assert client.get(HOME).status_code == 302


@pytest.mark.parametrize("who", ["outsider", "member", "investigator", "professional", "reviewer", "auditor"])
def test_everybody_signed_in_has_a_page_even_when_nothing_waits(client: Client, cast: Cast, who: str) -> None:
    all_is_well()
    assert "Nothing is waiting for you" in text_for(client, getattr(cast, who))


def test_a_user_without_a_membership_sees_the_plans(client: Client, cast: Cast) -> None:
    text = text_for(client, cast.outsider)
    assert "You are not a member of any plan" in text
    assert reverse("plan_list") in text


def test_a_member_sees_memberships_claims_and_the_draft(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    start_draft(by=cast.member)
    text = text_for(client, cast.member)
    assert reverse("claim_detail", args=[claim.ref]) in text
    assert "Submitted" in text
    assert "Finish your claim" in text
    assert reverse("membership_leave", args=[cast.membership.pk]) in text
    assert reverse("juror_join") in text


def test_the_waiting_period_is_said_with_its_last_day(client: Client, cast: Cast) -> None:
    user = make_user()
    person = make_person("Sun New", user=user)
    make_membership(cast.plan, person, joined_at=clock.now() - dt.timedelta(days=3))
    text = text_for(client, user)
    assert "In the waiting period" in text
    assert "an illness diagnosed until then is not covered" in text


def test_a_family_members_name_is_on_their_card(client: Client, cast: Cast) -> None:
    child = make_person("Wang Junior", payer=cast.membership.person)
    make_membership(cast.plan, child)
    assert "Wang Junior" in text_for(client, cast.member)
    assert "Wang Junior" not in text_for(client, cast.outsider)


def test_a_juror_sees_the_seat_with_its_deadline(client: Client) -> None:
    trial = at_vote()
    seat = trial.seats[0]
    text = text_for(client, juror_of(seat))
    assert f"Vote on claim {trial.claim.ref}" in text
    assert reverse("seat_detail", args=[seat.pk]) in text
    assert "Zhao" not in text


def test_a_professional_sees_the_opinion_to_give(client: Client) -> None:
    trial = at_vote()
    trial.vote("ssa")
    opinion = Opinion.objects.get(professional=trial.cast.professional)
    assert reverse("opinion_detail", args=[opinion.pk]) in text_for(client, trial.cast.professional)


def test_an_investigator_sees_the_worklist_and_their_own(client: Client) -> None:
    cast = small_cast()
    claim = make_claim(cast.membership, cast.member)
    text = text_for(client, cast.investigator)
    assert "1 claim is waiting for an investigator" in text
    investigation = taken(claim, cast.investigator)
    text = text_for(client, cast.investigator)
    assert reverse("investigation_detail", args=[investigation.pk]) in text
    assert reverse("investigation_detail", args=[investigation.pk]) not in text_for(client, cast.other_investigator)


def test_a_reviewer_sees_the_decisions_to_issue_once_they_can_be_issued(client: Client) -> None:
    trial = at_vote()
    page = reverse("decision_issue", args=[trial.claim.ref])
    assert page not in text_for(client, trial.cast.reviewer)
    trial.vote("sss")
    assert page in text_for(client, trial.cast.reviewer)
    assert page not in text_for(client, trial.cast.auditor)
    trial.issue()
    assert page not in text_for(client, trial.cast.reviewer)


def test_a_report_that_waits_for_its_hearing_is_no_decision_to_issue(client: Client) -> None:
    trial = make_trial(jurors=3)
    assert trial.claim.status == "investigated"
    assert reverse("decision_issue", args=[trial.claim.ref]) not in text_for(client, trial.cast.reviewer)


def test_the_page_costs_the_same_at_one_and_at_three(client: Client, cast: Cast) -> None:
    def queries() -> int:
        text_for(client, cast.member)
        with CaptureQueriesContext(connection) as found:
            text_for(client, cast.member)
        return len(found)

    make_claim(cast.membership, cast.member)
    first = queries()
    for name in ("Wang Elder", "Wang Younger"):
        membership = make_membership(cast.plan, make_person(name, payer=cast.membership.person))
        make_claim(membership, cast.member)
    assert queries() == first


def test_a_returned_report_and_a_word_for_the_draw_wait_too(client: Client) -> None:
    trial = make_trial(jurors=3)
    trial.advance()
    path = reverse("claim_nonce", args=[trial.claim.ref])
    hearing = Hearing.objects.get(claim=trial.claim)
    assert path in text_for(client, trial.cast.member)
    assert path not in text_for(client, trial.cast.outsider)
    set_clock(hearing.panel.nonce_due_at)
    assert path not in text_for(client, trial.cast.member)


def test_what_waits_is_listed_by_the_time_that_is_left(client: Client) -> None:
    cast = small_cast()
    later = taken(make_claim(cast.membership, cast.member), cast.investigator)
    sooner = make_membership(cast.plan, make_person("Wang Elder", payer=cast.membership.person))
    move_clock(hours=-2)
    first = taken(make_claim(sooner, cast.member), cast.investigator)
    move_clock(hours=2)
    assert first.due_at < later.due_at
    text = text_for(client, cast.investigator)
    assert text.index(f"Investigate claim {first.claim.ref}") < text.index(f"Investigate claim {later.claim.ref}")
