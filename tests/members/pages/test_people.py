"""Pages on which the plan's staff find people and ask for their data."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from audit import clock
from audit.models import Entry
from members.errors.roles import ReviewersAndAuditorsOnly
from members.models import Unmasking
from members.selectors.search import A_PAGE
from members.services.searches import search_people
from members.services.unmaskings import MOST_AN_HOUR, unmask_person
from pages.templatetags.assize import day
from tests.cast import Cast
from tests.factories import make_membership, make_person

pytestmark = pytest.mark.django_db
SEARCH = "/board/people/"
WORDS = "Their hospital calls and asks for them."


def unmask(number: int) -> str:
    return f"{SEARCH}{number}/unmask/"


@pytest.mark.parametrize("who", ["member", "investigator", "professional", "outsider"])
def test_only_reviewers_and_auditors_come_in(client: Client, cast: Cast, who: str) -> None:
    client.force_login(getattr(cast, who))
    for path in (SEARCH, unmask(cast.membership.person_id)):
        assert client.get(path).status_code == client.post(path, {"term": "x"}).status_code == 403


def test_strangers_are_sent_to_the_log_in(client: Client, cast: Cast) -> None:
    assert client.get(SEARCH)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("who", ["reviewer", "auditor"])
def test_somebody_is_found_by_name_and_shown_masked(client: Client, cast: Cast, who: str) -> None:
    person = cast.membership.person
    client.force_login(getattr(cast, who))
    empty = client.get(SEARCH)
    assert "Found" not in empty.content.decode()
    response = client.post(SEARCH, {"term": person.name, "by": "name"})
    text = response.content.decode()

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "W*** X***" in text
    assert f"{SEARCH}{person.pk}/" in text
    assert "Xiang Hu Bao" in text
    assert text.count(person.name) == 1, "in the field, as it was typed, and nowhere else"
    assert "1985" not in text


def test_the_term_stays_out_of_addresses(client: Client, cast: Cast) -> None:
    client.force_login(cast.reviewer)
    for _ in range(A_PAGE + 1):
        make_membership(cast.plan, make_person("Li Wei"))
    text = client.post(SEARCH, {"term": "Li Wei"}).content.decode()
    assert "More people" in text
    assert "?term" not in text
    assert "Li Wei" not in "".join(part.split('"')[0] for part in text.split('href="')[1:])
    nothing = client.get(SEARCH, {"term": "Li Wei"}).content.decode()
    assert "L***" not in nothing, "a term in the address asks nothing"


def test_further_people_follow_and_a_new_search_begins_at_the_start(client: Client, cast: Cast) -> None:
    client.force_login(cast.reviewer)
    keys = [make_person("Li Wei").pk for _ in range(A_PAGE + 2)]
    first = client.post(SEARCH, {"term": "Li Wei", "by": "name"}).content.decode()
    before = first.split('name="before" value="')[1].split('"')[0]
    second = client.post(SEARCH, {"term": "Li Wei", "by": "name", "before": before}).content.decode()

    assert int(before) == sorted(keys)[2]
    assert f"{SEARCH}{keys[0]}/" in second
    assert f"{SEARCH}{keys[2]}/" not in second
    assert 'name="before"' not in second


@pytest.mark.parametrize("posted", [{}, {"term": " "}, {"term": "x", "by": "shoe_size"}, {"term": "x", "before": "y"}])
def test_a_search_for_nothing_is_explained_and_lists_nobody(client: Client, cast: Cast, posted: dict[str, str]) -> None:
    client.force_login(cast.reviewer)
    response = client.post(SEARCH, posted)
    assert response.status_code == 422
    assert "W***" not in response.content.decode()


def test_nobody_found_says_what_to_do(client: Client, cast: Cast) -> None:
    client.force_login(cast.reviewer)
    text = client.post(SEARCH, {"term": "Wang"}).content.decode()
    assert "Nobody found" in text
    assert "whole values" in text


def test_asking_for_the_data_shows_them_on_the_persons_page(client: Client, cast: Cast) -> None:
    person = cast.membership.person
    client.force_login(cast.reviewer)
    assert "15 minutes" in client.get(unmask(person.pk)).content.decode()
    done = client.post(unmask(person.pk), {"reason": "contact", "words": WORDS})

    assert (done.status_code, done["Location"]) == (302, f"{SEARCH}{person.pk}/")
    assert person.name in client.get(done["Location"]).content.decode()
    assert Unmasking.objects.get().reason == "contact"
    assert Entry.objects.filter(kind="person.unmasked").count() == 1
    # While they are shown there is nothing to ask.
    assert client.get(unmask(person.pk)).status_code == 302


def test_a_form_without_its_reason_keeps_what_was_typed(client: Client, cast: Cast) -> None:
    client.force_login(cast.reviewer)
    response = client.post(unmask(cast.membership.person_id), {"words": WORDS})
    text = response.content.decode()
    assert response.status_code == 422
    assert WORDS in text
    assert "Choose the reason" in text
    short = client.post(unmask(cast.membership.person_id), {"words": "why not", "reason": "claim"})
    assert short.status_code == 422
    assert not Unmasking.objects.exists()


def test_ones_own_household_is_refused_with_what_to_do(client: Client, cast: Cast) -> None:
    own = make_person("Own", user=cast.reviewer)
    client.force_login(cast.reviewer)
    response = client.post(unmask(own.pk), {"reason": "claim", "words": WORDS})
    assert response.status_code == 403
    assert "ask a colleague" in response.content.decode()


def test_too_many_in_an_hour_is_told_with_the_time(client: Client, cast: Cast) -> None:
    for number in range(MOST_AN_HOUR):
        unmask_person(person_id=make_person(f"P {number}").pk, reason="claim", words=WORDS, by=cast.reviewer)
    client.force_login(cast.reviewer)
    response = client.post(unmask(cast.membership.person_id), {"reason": "claim", "words": WORDS})
    assert response.status_code == 429
    assert day(clock.now() + dt.timedelta(hours=1)) in response.content.decode()
    assert WORDS in response.content.decode()


def test_who_does_not_exist_is_not_found(client: Client, cast: Cast) -> None:
    client.force_login(cast.reviewer)
    assert client.get(unmask(10**9)).status_code == 404


def test_each_search_is_written_down_without_what_was_searched(client: Client, cast: Cast) -> None:
    client.force_login(cast.reviewer)
    for _ in range(A_PAGE + 1):
        make_membership(cast.plan, make_person("Li Wei"))
    client.post(SEARCH, {"term": "Li Wei", "by": "name"})
    client.post(SEARCH, {"term": "nobody@test.example"})
    client.post(SEARCH, {"term": ""})
    last = make_person("Li Wei").pk
    client.post(SEARCH, {"term": "Li Wei", "by": "name", "before": last})
    entries = Entry.objects.filter(kind="people.searched").order_by("pk")
    assert [entry.body for entry in entries] == [
        {"kind": "name", "found": A_PAGE, "has_more": True},
        {"kind": "anything", "found": 0, "has_more": False},
    ]
    assert {(entry.stream, entry.actor) for entry in entries} == {(cast.reviewer.audit_ref, cast.reviewer.audit_ref)}


def test_nobody_else_searches_whatever_the_way(cast: Cast) -> None:
    for who in (cast.member, cast.investigator, cast.outsider):
        with pytest.raises(ReviewersAndAuditorsOnly):
            search_people(term="Li Wei", by=who)
    assert not Entry.objects.filter(kind="people.searched").exists()
