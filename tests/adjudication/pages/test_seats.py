"""The juror's pages: the list, the file, the result, stepping down."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from adjudication.services.claims import withdraw_claim
from audit.models import Entry
from jury.models import Juror, Panel, Seat
from jury.services.panels import give_nonce
from members.rules.dates import completed_years
from tests.adjudication.making import make_claim, record_all, signed, taken
from tests.adjudication.trials import Trial, at_vote, juror_of, make_trial, vote
from tests.bent import bend
from tests.factories import make_membership, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial() -> Trial:
    return at_vote()


def page(seat: Seat) -> str:
    return reverse("seat_detail", args=[seat.pk])


def signed_in(client: Client, seat: Seat) -> Client:
    client.force_login(juror_of(seat))
    return client


def test_the_list_says_what_waits_and_until_when(client: Client, trial: Trial) -> None:
    seat = trial.seats[0]
    text = signed_in(client, seat).get(reverse("seat_list")).content.decode()
    assert trial.claim.ref in text
    assert "Waiting for your ballot" in text
    assert page(seat) in text
    assert trial.panel.closes_at is not None
    assert trial.panel.closes_at.isoformat()[:10] in text


def test_a_juror_without_a_summons_reads_when_one_will_appear(client: Client) -> None:
    trial = make_trial(jurors=1)
    user = Juror.objects.get().person.user
    assert user is not None
    client.force_login(user)
    assert "Nothing is waiting for you" in client.get(reverse("seat_list")).content.decode()
    assert trial.claim.ref


def test_the_list_asks_the_same_number_of_queries_at_one_and_three_seats(client: Client) -> None:
    trial = at_vote()
    client.force_login(juror_of(trial.seats[0]))

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse("seat_list")).status_code == 200
        return len(found)

    queries()
    first = queries()
    for number in range(2):
        user = make_user()
        claim = make_claim(make_membership(trial.version.plan, make_person(f"Other {number}", user=user)), user)
        investigation = taken(claim, trial.cast.investigator)
        record_all(investigation, trial.cast.investigator)
        signed(investigation, trial.cast.investigator)
        other = Trial(trial.cast, claim)
        other.advance()
        give_nonce(panel_id=other.panel.pk, nonce="x", by=user)
        other.advance()
    assert Seat.objects.filter(juror=trial.seats[0].juror).count() == 3
    assert queries() == first


def test_the_file_shows_what_is_asked_and_nothing_about_the_claimant(client: Client, trial: Trial) -> None:
    seat = trial.seats[0]
    text = signed_in(client, seat).get(page(seat)).content.decode()
    for told in (
        "Should the plan pay",
        "C50.9",
        "Malignant tumour",
        "Waiting period over",
        "The papers agree",
        f"{completed_years(trial.cast.membership.person.born_on, trial.claim.first_diagnosed_on)} years",
    ):
        assert told in text, told
    for hidden in ("Zhao", "Ruijin", "1999-05-17", "13911112222", "310101199905170011", "Met in person"):
        assert hidden not in text, hidden


def test_the_file_is_read_in_the_readers_language(client: Client, trial: Trial) -> None:
    seat = trial.seats[0]
    signed_in(client, seat)
    with translation.override("zh-hans"):
        text = client.get(page(seat), headers={"accept-language": "zh-hans"}).content.decode()
    assert "恶性肿瘤" in text
    assert "等待期已满" in text


def test_opening_the_file_is_recorded_once(client: Client, trial: Trial) -> None:
    seat = trial.seats[0]
    signed_in(client, seat)
    client.get(page(seat))
    client.get(page(seat))
    assert Seat.objects.get(pk=seat.pk).first_seen_at is not None
    assert Entry.objects.filter(kind="casefile.opened", stream=trial.claim.stream).count() == 1


def test_the_seat_of_another_juror_is_not_found(client: Client, trial: Trial) -> None:
    one, other = trial.seats[:2]
    signed_in(client, one)
    for name in ("seat_detail", "ballot_cast", "seat_dispute", "seat_recuse"):
        assert client.get(reverse(name, args=[other.pk])).status_code in {404, 405}
        assert client.post(reverse(name, args=[other.pk])).status_code in {404, 405}


@pytest.mark.parametrize("who", ["member", "investigator", "reviewer", "auditor", "professional", "outsider"])
def test_only_jurors_come_in(client: Client, trial: Trial, who: str) -> None:
    client.force_login(getattr(trial.cast, who))
    for name, args in (("seat_list", []), ("seat_detail", [trial.seats[0].pk])):
        assert client.get(reverse(name, args=args)).status_code == 403
    client.logout()
    assert client.get(page(trial.seats[0])).status_code == 302


def test_no_page_of_a_juror_shows_the_turnout_or_a_count_before_the_close(client: Client, trial: Trial) -> None:
    seats = trial.seats
    signed_in(client, seats[0])
    names = ("seat_detail", "ballot_cast", "seat_recuse")
    client.get(page(seats[0]))

    def pages() -> list[str]:
        made = [client.get(reverse(name, args=[seats[0].pk])).content.decode() for name in names]
        mains = [text.split("<main", 1)[1].split("</main>")[0] for text in made]
        return [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text) for text in mains]

    before = pages()
    vote(seats[1], "against", words="The truth is out.")
    assert pages() == before


def test_after_the_close_the_counts_and_the_result_are_shown(client: Client, trial: Trial) -> None:
    seat = trial.seats[0]
    trial.vote("sss")
    text = signed_in(client, seat).get(page(seat)).content.decode()
    assert "The decision is being prepared" in text
    assert Panel.objects.get().verdict == "support"
    assert "C50.9" not in text
    trial.issue()
    assert "Approved" in client.get(page(seat)).content.decode()


def test_after_a_withdrawal_nothing_is_opened(client: Client, trial: Trial) -> None:
    seat = trial.seats[0]
    vote(seat)
    withdraw_claim(claim_ref=trial.claim.ref, by=trial.cast.member)
    text = signed_in(client, seat).get(page(seat)).content.decode()
    assert "The claim was withdrawn" in text
    assert "For the claim" not in text


def test_a_juror_close_to_the_case_is_refused_and_the_seat_is_freed(client: Client, trial: Trial) -> None:
    seat = trial.seats[0]
    person = seat.juror.person
    person.phone = trial.cast.membership.person.phone
    bend(person)
    response = signed_in(client, seat).get(page(seat))
    assert response.status_code == 409
    assert "C50.9" not in response.content.decode()
    assert Seat.objects.get(pk=seat.pk).status == "recused"


def test_stepping_down_asks_for_a_reason_and_frees_the_seat(client: Client, trial: Trial) -> None:
    seat = trial.seats[0]
    signed_in(client, seat)
    recuse = reverse("seat_recuse", args=[seat.pk])
    assert "cannot be undone" in client.get(recuse).content.decode()
    assert client.post(recuse, {}).status_code == 422
    assert Seat.objects.get(pk=seat.pk).status == "summoned"
    assert client.post(recuse, {"reason": "knows_somebody"}).status_code == 302
    stored = Seat.objects.get(pk=seat.pk)
    assert (stored.status, stored.recusal_reason) == ("recused", "knows_somebody")
    assert "You have stepped down" in client.get(page(seat)).content.decode()
    assert client.post(recuse, {"reason": "knows_somebody"}).status_code == 409


def test_stepping_down_after_the_close_is_refused(client: Client, trial: Trial) -> None:
    seat = trial.seats[0]
    trial.vote("sss")
    response = signed_in(client, seat).post(reverse("seat_recuse", args=[seat.pk]), {"reason": "no_time"})
    assert response.status_code == 409
    assert Seat.objects.get(pk=seat.pk).status == "summoned"
