"""Casting a ballot: one blind step, changed until the close, said plainly when it is done."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Entry
from jury.models import Ballot, Seat
from jury.selectors.tokens import token_of_seat
from tests.adjudication.trials import Trial, at_vote, juror_of, vote
from tests.jury.services.test_ballots import everything_stored
from tests.moving import set_clock

pytestmark = pytest.mark.django_db
RECEIPT = re.compile(r"\b(?<!S-)[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")


@pytest.fixture
def trial() -> Trial:
    return at_vote()


@pytest.fixture
def seat(client: Client, trial: Trial) -> Seat:
    """A seat whose juror is signed in and has opened the file."""
    seat = trial.seats[0]
    client.force_login(juror_of(seat))
    client.get(reverse("seat_detail", args=[seat.pk]))
    return seat


def ballot(**changes: Any) -> dict[str, Any]:
    given = {"choice": "support", "reason_codes": ["evidence_convincing"], "words": "It is proved.", "replaces": "0"}
    return given | changes


def cast_page(seat: Seat) -> str:
    return reverse("ballot_cast", args=[seat.pk])


def test_the_page_says_what_happens_to_a_ballot(client: Client, seat: Seat) -> None:
    text = client.get(cast_page(seat)).content.decode()
    for told in ("sealed", "change it until the close", "Your name is never published", "If you do not vote"):
        assert told in text, told


def test_a_juror_who_has_not_read_the_file_is_redirected_to_it(client: Client, trial: Trial) -> None:
    other = trial.seats[1]
    client.force_login(juror_of(other))
    assert client.get(cast_page(other)).headers["location"] == reverse("seat_detail", args=[other.pk])


def test_a_ballot_is_sealed_committed_and_said_to_be_done(client: Client, seat: Seat, trial: Trial) -> None:
    response = client.post(cast_page(seat), ballot(is_medical_question="on"))
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    stored = Ballot.objects.get()
    assert b"proved" not in bytes(stored.sealed)
    text = response.content.decode()
    assert "Your ballot is cast" in text
    assert len(RECEIPT.findall(text)) == 1
    assert token_of_seat(seat) in text
    assert "It is proved." not in text
    entry = Entry.objects.get(kind="ballot.cast", stream=trial.claim.stream)
    assert "support" not in str(entry.body)


def test_a_ballot_may_be_changed_until_the_close(client: Client, seat: Seat, trial: Trial) -> None:
    client.post(cast_page(seat), ballot())
    page = client.get(cast_page(seat)).content.decode()
    assert "already cast a ballot" in page
    assert 'name="replaces" value="1"' in page
    assert "It is proved." not in page
    client.post(cast_page(seat), ballot(choice="against", reason_codes=["not_proved"], replaces="1"))
    for other in trial.seats[1:]:
        vote(other, "against")
    trial.advance()
    assert (trial.panel.support_count, trial.panel.against_count) == (0, 3)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"choice": ""}, "Choose whether you support"),
        ({"choice": "abstain"}, "choice"),
        ({"reason_codes": ["not_proved"]}, "belong to the other choice"),
        ({"words": "x" * 801}, "800"),
        ({"reason_codes": ["invented"]}, "invented"),
    ],
)
def test_a_mistake_keeps_what_was_typed(client: Client, seat: Seat, changes: dict[str, Any], told: str) -> None:
    response = client.post(cast_page(seat), ballot(**({"words": "My own words."} | changes)))
    assert response.status_code == 422
    text = response.content.decode()
    assert told in text
    assert changes.get("words", "My own words.") in text
    assert not Ballot.objects.exists()


def test_of_two_pages_at_once_the_second_is_refused_and_may_replace_the_first(client: Client, seat: Seat) -> None:
    client.post(cast_page(seat), ballot())
    response = client.post(cast_page(seat), ballot(choice="against", reason_codes=[], words="Second page."))
    assert response.status_code == 409
    text = response.content.decode()
    assert "already cast" in text
    assert "Second page." in text
    assert 'name="replaces" value="1"' in text
    assert Ballot.objects.count() == 1


def test_after_the_close_no_ballot_is_accepted(client: Client, seat: Seat) -> None:
    set_clock(seat.panel.closes_at)
    assert client.get(cast_page(seat)).status_code == 302
    response = client.post(cast_page(seat), ballot())
    assert response.status_code == 409
    assert "closed at" in response.content.decode()
    assert not Ballot.objects.exists()


def test_the_receipt_is_in_no_other_answer_and_in_no_session(client: Client, seat: Seat, trial: Trial) -> None:
    (receipt,) = RECEIPT.findall(client.post(cast_page(seat), ballot()).content.decode())
    for other in trial.seats[1:]:
        vote(other, "support")
    for page in (reverse("seat_detail", args=[seat.pk]), cast_page(seat), reverse("seat_list"), reverse("inbox")):
        assert receipt not in client.get(page).content.decode()
    assert receipt not in str(dict(client.session))
    assert receipt not in str(client.cookies)
    assert receipt not in everything_stored()
    trial.vote("")
    assert receipt not in client.get(reverse("seat_detail", args=[seat.pk])).content.decode()
    record = reverse("vote_record", args=[trial.claim.ref, 1])
    assert receipt in client.get(record).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_last_ballot_asks_the_workers_to_close_at_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = at_vote()
    asked: list[Any] = []
    monkeypatch.setattr("audit.nudges.current_app.send_task", lambda name, args, **kw: asked.append((name, args)))
    for seat in trial.seats:
        assert asked == []
        client.force_login(juror_of(seat))
        client.post(cast_page(seat), ballot())
    assert asked == [("adjudication.advance_claim", [trial.claim.pk])]
    client.post(cast_page(seat), ballot(replaces="1"))
    assert len(asked) == 1


def test_a_first_ballot_costs_five_statements_and_another_four(client: Client, trial: Trial) -> None:
    seat = trial.seats[0]
    client.force_login(juror_of(seat))
    for replaces, most in (("0", 5), ("1", 4)):
        with CaptureQueriesContext(connection) as captured:
            assert client.post(cast_page(seat), ballot(replaces=replaces)).status_code == 200
        assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == most
