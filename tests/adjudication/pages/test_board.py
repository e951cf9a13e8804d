"""The board: all claims by state, and one claim whole; who reads it is written down."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from adjudication.models import Claim, Investigation
from audit import clock
from audit.models import Entry
from tests.adjudication.making import make_claim
from tests.adjudication.trials import Trial, at_vote, make_trial, vote
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_user

pytestmark = pytest.mark.django_db
BOARD = reverse("board")
OTHERS = ["member", "investigator", "professional", "outsider"]


def rows_of(client: Client, **filters: str) -> str:
    response = client.get(BOARD, filters)
    assert response.status_code == 200
    return response.content.decode().split('id="claims"', 1)[1]


def whole(client: Client, claim: Claim) -> str:
    response = client.get(reverse("board_claim", args=[claim.ref]))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("who", OTHERS)
def test_only_reviewers_and_auditors_come_in(client: Client, cast: Cast, who: str) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(getattr(cast, who))
    assert client.get(BOARD).status_code == 403
    assert client.get(reverse("board_claim", args=[claim.ref])).status_code == 403


@pytest.mark.parametrize("who", ["reviewer", "auditor"])
def test_claims_are_listed_by_state_with_age_and_deadline_and_without_names(
    client: Client, cast: Cast, who: str
) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(getattr(cast, who))
    text = client.get(BOARD).content.decode()
    assert claim.ref in text
    assert "Submitted" in text
    assert cast.membership.person.name not in text
    assert claim.due_at is not None
    assert claim.due_at.isoformat()[:10] in text


def test_the_board_can_be_narrowed(client: Client) -> None:
    trial = at_vote()
    user = make_user()
    other = make_claim(make_membership(trial.version.plan, make_person("Qian Other", user=user)), user)
    client.force_login(trial.cast.reviewer)
    assert trial.claim.ref in rows_of(client)
    assert other.ref in rows_of(client)
    assert other.ref not in rows_of(client, status="jury_review")
    assert trial.claim.ref not in rows_of(client, search=other.ref)
    assert other.ref in rows_of(client, plan="xhb")
    assert trial.claim.ref not in rows_of(client, overdue="on")
    Claim.objects.filter(pk=trial.claim.pk).update(due_at=clock.now() - dt.timedelta(minutes=1))
    late = rows_of(client, overdue="on")
    assert trial.claim.ref in late
    assert "Overdue" in late
    assert other.ref not in late


def test_an_unknown_filter_shows_the_board_and_what_is_wrong(client: Client, cast: Cast) -> None:
    make_claim(cast.membership, cast.member)
    client.force_login(cast.reviewer)
    response = client.get(BOARD, {"status": "nonsense"})
    assert response.status_code == 200
    assert "nonsense" in response.content.decode()


def test_what_is_ready_for_a_decision_can_be_picked_out(client: Client) -> None:
    trial = at_vote()
    client.force_login(trial.cast.reviewer)
    assert trial.claim.ref not in rows_of(client, status="ready")
    trial.vote("sss")
    text = rows_of(client, status="ready")
    assert reverse("decision_issue", args=[trial.claim.ref]) in text


def test_the_board_costs_the_same_at_one_and_at_three(client: Client, cast: Cast) -> None:
    client.force_login(cast.reviewer)

    def queries() -> int:
        client.get(BOARD)
        with CaptureQueriesContext(connection) as found:
            client.get(BOARD)
        return len(found)

    make_claim(cast.membership, cast.member)
    first = queries()
    for name in ("A", "B"):
        user = make_user()
        make_claim(make_membership(cast.plan, make_person(name, user=user)), user)
    assert queries() == first


def test_one_claim_is_shown_in_full_and_reading_it_is_recorded(client: Client) -> None:
    trial = at_vote()
    client.force_login(trial.cast.reviewer)
    text = whole(client, trial.claim)
    for told in (
        "Zhao Claimant",
        "Ruijin Hospital",
        "C50.9",
        "Waiting period over",
        "Seen and checked.",
        "Met in person",
    ):
        assert told in text, told
    entry = Entry.objects.get(kind="claim.viewed", stream=trial.claim.stream)
    assert entry.actor == trial.cast.reviewer.audit_ref
    assert "Zhao" not in str(entry.body)


def test_an_unknown_claim_is_not_found(client: Client, cast: Cast) -> None:
    client.force_login(cast.reviewer)
    assert client.get(reverse("board_claim", args=["C00-NONE00"])).status_code == 404


def test_while_the_vote_is_open_staff_see_the_turnout_and_no_count(client: Client) -> None:
    trial = at_vote()
    vote(trial.seats[0], "against", words="Secret words.", reason_codes=["not_proved"])
    client.force_login(trial.cast.reviewer)
    text = whole(client, trial.claim)
    assert "1 of 3 seats have voted" in text
    for hidden in ("Secret words.", "Against the claim", "The evidence does not prove", "by receipt"):
        assert hidden not in text, hidden


def test_after_the_close_the_ballots_stand_by_receipt(client: Client) -> None:
    trial = at_vote()
    trial.vote("ssa", words="My own words.")
    trial.opine("yes")
    decision = trial.issue()
    client.force_login(trial.cast.auditor)
    text = whole(client, trial.claim)
    for told in ("2 for, 1 against", "My own words.", "Second opinion after hearing 1", "Confirmed"):
        assert told in text, told
    assert decision.decided_by is not None
    assert decision.decided_by.email in text
    assert reverse("decision_issue", args=[trial.claim.ref]) not in text


def test_the_reviewer_reads_which_acts_and_the_auditor_also_by_whom(client: Client) -> None:
    trial = at_vote()
    client.force_login(trial.cast.reviewer)
    text = whole(client, trial.claim)
    assert "draw.committed" in text
    assert trial.cast.member.audit_ref not in text
    client.force_login(trial.cast.auditor)
    assert trial.cast.member.audit_ref in whole(client, trial.claim)


def test_a_claim_costs_the_same_however_long_its_story(client: Client) -> None:
    trial = at_vote()
    client.force_login(trial.cast.reviewer)

    def queries() -> int:
        whole(client, trial.claim)
        with CaptureQueriesContext(connection) as found:
            whole(client, trial.claim)
        return len(found)

    first = queries()
    for seat in trial.seats[:2]:
        vote(seat)
    assert queries() == first


# -------- Returning a report ------------------------------------------------------------------------------------------
@pytest.fixture
def reported() -> Trial:
    return make_trial(jurors=3)


def test_a_report_goes_back_with_its_reason(client: Client, reported: Trial) -> None:
    client.force_login(reported.cast.reviewer)
    page = reverse("report_return", args=[reported.claim.ref])
    assert page in whole(client, reported.claim)
    assert client.post(page, {"reason": ""}).status_code == 422
    response = client.post(page, {"reason": "Ask the second hospital."}, follow=True)
    assert "The report is returned" in response.content.decode()
    assert reported.reload().status == "under_investigation"
    assert Investigation.objects.get(round=2).reason == "Ask the second hospital."


def test_after_the_draw_is_announced_no_report_goes_back(client: Client, reported: Trial) -> None:
    reported.advance()
    client.force_login(reported.cast.reviewer)
    response = client.post(reverse("report_return", args=[reported.claim.ref]), {"reason": "Too late."})
    assert response.status_code == 409
    assert "Too late." in response.content.decode()
    assert reported.reload().status == "jury_review"


@pytest.mark.parametrize("who", [*OTHERS, "auditor"])
def test_only_a_reviewer_returns_a_report(client: Client, reported: Trial, who: str) -> None:
    client.force_login(getattr(reported.cast, who))
    page = reverse("report_return", args=[reported.claim.ref])
    assert client.get(page).status_code == 403
    assert client.post(page, {"reason": "x"}).status_code == 403
    assert reported.reload().status == "investigated"
