"""The running clocks on their page, over the API, and on the page of a claim."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from adjudication.services.holds import place_hold
from tests.adjudication.making import make_claim, taken
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_user
from tests.moving import move_clock

pytestmark = pytest.mark.django_db
BACKEND = "members.sessions.LogInBackend"


def filed(cast: Cast, number: int) -> str:
    user = make_user()
    person = make_person(f"Member {number}", user=user, id_number=f"31010119990517{number:04}")
    return make_claim(make_membership(cast.plan, person), user).ref


def seen(client: Client, user: object, query: str = "") -> str:
    client.force_login(user, backend=BACKEND)
    answer = client.get(reverse("clock_list") + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_least_time_left_comes_first_and_what_is_late_is_marked(cast: Cast, client: Client) -> None:
    first = filed(cast, 1)
    move_clock(days=2)
    second = filed(cast, 2)
    page = seen(client, cast.auditor)
    assert page.index(first) < page.index(second)
    assert "An investigator has to take the claim" in page
    assert ">Late<" not in page
    move_clock(days=4)
    page = seen(client, cast.reviewer, "?late=on")
    assert first in page
    assert second not in page
    assert seen(client, cast.reviewer, "?kind=claim.held").count("C26-") == 0
    assert second in seen(client, cast.reviewer, "?kind=investigation.untaken")


def test_an_investigator_sees_the_clocks_of_their_own_claims(cast: Cast, client: Client) -> None:
    mine, other = make_claim(cast.membership, cast.member), filed(cast, 3)
    taken(mine, cast.investigator)
    page = seen(client, cast.investigator)
    assert mine.ref in page
    assert other not in page
    assert mine.ref not in seen(client, cast.other_investigator)


def test_one_and_three_rows_cost_the_same_queries(cast: Cast, client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            seen(client, cast.auditor)
        return len(found)

    filed(cast, 4)
    seen(client, cast.auditor)
    one = count()
    filed(cast, 5)
    filed(cast, 6)
    assert count() == one


def test_the_api_says_the_same(cast: Cast, client: Client) -> None:
    ref = filed(cast, 7)
    client.force_login(cast.reviewer, backend=BACKEND)
    [one] = client.get("/api/v1/clocks/").json()["results"]
    assert (one["claim"], one["wait"], one["must_act"]) == (ref, "investigation.untaken", "investigators")
    assert one["until"] == one["next_at"]
    assert (one["is_late"], one["ends_by_itself"]) == (False, True)
    assert client.get("/api/v1/clocks/?late=true").json()["results"] == []
    client.force_login(cast.member, backend=BACKEND)
    assert client.get("/api/v1/clocks/").status_code == 403


def test_a_claim_s_page_says_what_happens_next_and_when(cast: Cast, client: Client) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.member, backend=BACKEND)
    page = client.get(reverse("claim_detail", args=[claim.ref])).content.decode()
    assert "What happens next, and when at the latest" in page
    assert "It is given to the investigator with the fewest claims" in page
    client.force_login(cast.reviewer, backend=BACKEND)
    assert "when at the latest" in client.get(reverse("board_claim", args=[claim.ref])).content.decode()


def test_a_hold_is_renewed_on_its_page(cast: Cast, client: Client) -> None:
    claim = make_claim(cast.membership, cast.member)
    place_hold(claim_ref=claim.ref, reason="The hospital is asked.", by=cast.reviewer)
    client.force_login(cast.reviewer, backend=BACKEND)
    address = reverse("hold_renew", args=[claim.ref])
    assert "lifts by itself" in client.get(address).content.decode()
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "It has not answered."}).status_code == 302
    claim.refresh_from_db()
    assert claim.hold_reason == "It has not answered."
    assert "It has not answered." in client.get(reverse("board_claim", args=[claim.ref])).content.decode()
