"""A panel whose rules this database does not have: jurors get a page that says so, and the sweep goes on."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from adjudication.models import Claim
from adjudication.tasks import sweep_deadlines
from audit.services import publish
from jury.models import Seat
from jury.services.panels import give_nonce
from tests.adjudication.making import make_claim, record_all, signed, taken
from tests.adjudication.trials import Trial, at_vote, juror_of, make_trial
from tests.factories import make_membership, make_person, make_user, store_under

pytestmark = pytest.mark.django_db
OTHER = "ef" * 32


@pytest.fixture
def seat(client: Client) -> Seat:
    """A seat on a panel that has lost its rules; its juror has read the file and is signed in."""
    trial = at_vote()
    seat = trial.seats[0]
    client.force_login(juror_of(seat))
    client.get(reverse("seat_detail", args=[seat.pk]))
    store_under(trial.version, OTHER)
    return seat


@pytest.mark.parametrize("name", ["seat_detail", "ballot_cast"])
def test_the_jurors_pages_name_the_digest_and_what_to_do(client: Client, seat: Seat, name: str) -> None:
    response = client.get(reverse(name, args=[seat.pk]))
    text = response.content.decode()
    assert response.status_code == 409
    assert "This cannot be done now" in text
    assert f"No version in this database has the rules with the digest {seat.panel.rules_digest}" in text
    assert "load_plans --file FILE" in text


def test_the_page_is_in_the_readers_language(client: Client, seat: Seat) -> None:
    response = client.get(reverse("seat_detail", args=[seat.pk]), headers={"accept-language": "zh-hans"})
    assert "目前无法办理" in response.content.decode()
    assert f"本数据库中没有摘要为{seat.panel.rules_digest}的规则版本" in response.content.decode()


def test_a_ballot_is_refused_and_not_lost_in_a_fault(client: Client, seat: Seat) -> None:
    response = client.post(reverse("ballot_cast", args=[seat.pk]), {"choice": "support", "replaces": "0"})
    assert response.status_code == 409
    over_the_api = client.post(
        f"/api/v1/seats/{seat.pk}/ballot/",
        json.dumps({"choice": "support", "replaces": 0, "reason_codes": ["evidence_convincing"]}),
        content_type="application/json",
    )
    assert (over_the_api.status_code, over_the_api.json()["code"]) == (409, "RulesUnknown")
    assert not seat.ballots.exists()


def test_the_list_of_seats_needs_no_rules(client: Client, seat: Seat) -> None:
    assert client.get(reverse("seat_list")).status_code == 200


def investigated_as_well(trial: Trial) -> Claim:
    """The claim of another member, which waits for the sweep to open its hearing."""
    user = make_user()
    membership = make_membership(trial.version.plan, make_person("Qian Second", user=user))
    claim = make_claim(membership, user)
    investigation = taken(claim, trial.cast.investigator)
    record_all(investigation, trial.cast.investigator)
    signed(investigation, trial.cast.investigator)
    return claim


def test_the_sweep_logs_it_goes_on_to_the_next_claim_and_comes_back_when_the_rules_are_there() -> None:
    trial = make_trial()
    trial.advance()
    give_nonce(panel_id=trial.panel.pk, nonce="lucky seven", by=trial.cast.member)
    other, digest = investigated_as_well(trial), trial.version.digest
    store_under(trial.version, OTHER)
    with capture_logs() as logged:
        sweep_deadlines()
    failed = [one for one in logged if one["event"] == "sweep.row_failed"]
    assert [one["pk"] for one in failed] == [trial.claim.pk]
    assert trial.panel.status == "committed"
    assert Claim.objects.get(pk=other.pk).status == "jury_review"
    store_under(trial.version, digest)
    publish()
    sweep_deadlines()
    assert trial.panel.status == "open"
