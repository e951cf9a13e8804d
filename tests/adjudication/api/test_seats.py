"""Seats over the API: one's own, with the masked file, the ballot and the recusal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from jury.models import Ballot, Seat
from jury.selectors.tokens import token_of_seat
from tests.adjudication.trials import Trial, at_vote, juror_of, vote
from tests.jury.services.test_ballots import everything_stored

pytestmark = pytest.mark.django_db
SEATS = "/api/v1/seats/"


@pytest.fixture
def trial() -> Trial:
    return at_vote()


@pytest.fixture
def seat(client: Client, trial: Trial) -> Seat:
    seat = trial.seats[0]
    client.force_login(juror_of(seat))
    return seat


def post(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json")


def test_the_list_holds_ones_own_seats_alone(client: Client, seat: Seat, trial: Trial) -> None:
    found = client.get(SEATS).json()["results"]
    assert [(item["id"], item["claim"], item["state"]) for item in found] == [(seat.pk, trial.claim.ref, "todo")]
    assert client.get(f"{SEATS}{trial.seats[1].pk}/").status_code == 404


def test_one_seat_brings_the_masked_file_and_records_the_opening(client: Client, seat: Seat, trial: Trial) -> None:
    found = client.get(f"{SEATS}{seat.pk}/").json()
    assert found["case_file"] == trial.panel.case_file
    assert found["first_seen_at"] is not None
    assert (found["last_ballot"], found["result"]) == (None, None)


def test_a_ballot_gives_a_receipt_and_never_says_what_it_holds(client: Client, seat: Seat) -> None:
    body = {"choice": "against", "reason_codes": ["not_proved"], "words": "Not proved.", "replaces": 0}
    response = post(client, f"{SEATS}{seat.pk}/ballot/", body)
    assert response.status_code == 201
    given = response.json()
    assert (given["sequence"], given["token"]) == (1, token_of_seat(seat))
    assert response["Cache-Control"] == "no-store"
    assert given["receipt"] not in everything_stored()
    found = client.get(f"{SEATS}{seat.pk}/").json()
    assert (found["state"], found["ballots_cast"]) == ("cast", 1)
    without_file = {key: value for key, value in found.items() if key != "case_file"}
    assert "against" not in json.dumps(without_file) + response.content.decode()


def test_of_two_ballots_the_second_must_know_of_the_first(client: Client, seat: Seat) -> None:
    body = {"choice": "support", "replaces": 0}
    post(client, f"{SEATS}{seat.pk}/ballot/", body)
    response = post(client, f"{SEATS}{seat.pk}/ballot/", body)
    assert (response.status_code, response.json()["code"]) == (409, "BallotAlreadyCast")
    assert post(client, f"{SEATS}{seat.pk}/ballot/", body | {"replaces": 1}).status_code == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"choice": "abstain", "replaces": 0}, 400),
        ({"choice": "support"}, 400),
        ({"choice": "support", "reason_codes": ["not_proved"], "replaces": 0}, 409),
        ({"choice": "support", "reason_codes": ["x"] * 17, "replaces": 0}, 400),
        ({"choice": "support", "words": "x" * 801, "replaces": 0}, 400),
    ],
)
def test_a_wrong_ballot_changes_nothing(client: Client, seat: Seat, body: dict[str, Any], status: int) -> None:
    assert post(client, f"{SEATS}{seat.pk}/ballot/", body).status_code == status
    assert not Ballot.objects.exists()


def test_stepping_down(client: Client, seat: Seat) -> None:
    assert post(client, f"{SEATS}{seat.pk}/recuse/", {"reason": "conflict"}).status_code == 400
    response = post(client, f"{SEATS}{seat.pk}/recuse/", {"reason": "no_time"})
    assert (response.status_code, response.json()["state"]) == (200, "recused")
    assert client.get(f"{SEATS}{seat.pk}/").json()["case_file"] is None


def test_no_count_before_the_close_and_all_of_it_after(client: Client, seat: Seat, trial: Trial) -> None:
    before = client.get(f"{SEATS}{seat.pk}/").json()
    vote(trial.seats[1], "against")
    assert client.get(f"{SEATS}{seat.pk}/").json() == before
    trial.vote("s")
    vote(trial.seats[2])
    trial.advance()
    result = client.get(f"{SEATS}{seat.pk}/").json()["result"]
    assert (result["support"], result["against"], result["verdict"]) == (2, 1, "support")


@pytest.mark.parametrize("who", ["member", "reviewer", "auditor", "professional"])
def test_only_jurors_come_in(client: Client, trial: Trial, who: str) -> None:
    client.force_login(getattr(trial.cast, who))
    assert client.get(SEATS).status_code == 403
    assert post(client, f"{SEATS}{trial.seats[0].pk}/ballot/", {"choice": "support", "replaces": 0}).status_code == 403
