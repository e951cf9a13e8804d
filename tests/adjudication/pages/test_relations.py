"""The pages of declared relations and of a conflict, and the same over the API."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from adjudication.models import DeclaredRelation
from members.models import User
from tests.adjudication.closeness import DATA, KINDS
from tests.adjudication.making import investigated_claim, make_claim
from tests.adjudication.trials import at_vote
from tests.cast import Cast
from tests.factories import make_membership


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="members.sessions.LogInBackend")
    return client


def test_from_declaring_to_withdrawing(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    mine, other = signed_in(cast.reviewer), signed_in(cast.other_reviewer)
    declare = reverse("relation_declare", args=[claim.ref])
    assert mine.post(declare, {}).status_code == 422
    assert mine.post(declare, {"kind": "friend"}).status_code == 302
    assert "You have declared a relation" in mine.get(declare).text
    relation = DeclaredRelation.objects.get()
    withdraw, settle = (reverse(name, args=[relation.pk]) for name in ("relation_withdraw", "relation_settle"))
    assert other.get(withdraw).status_code == 404
    assert mine.post(withdraw, {"reason": "A namesake."}).status_code == 302
    assert "A namesake." in other.get(settle).text
    refused = mine.post(settle, {"answer": "withdraw"})
    assert (refused.status_code, "by a second person" in refused.text) == (403, True)
    assert other.post(settle, {"answer": "withdraw"}).status_code == 302
    relation.refresh_from_db()
    assert relation.status == "withdrawn"


def test_the_claims_page_says_why_and_offers_no_act(cast: Cast) -> None:
    claim = investigated_claim(cast)
    page = reverse("board_claim", args=[claim.ref])
    assert "Return the report" in signed_in(cast.reviewer).get(page).text
    KINDS["address"][1](claim, cast.reviewer)
    shown = signed_in(cast.reviewer).get(page).text
    assert "you share an address with the member" in shown
    assert "Return the report" not in shown
    assert DATA["address"] not in shown.split("<aside")[0].split("Somebody else must do this")[1].split("</ul>")[0]
    for name in ("hold", "report_return", "decision_issue"):
        response = signed_in(cast.reviewer).get(reverse(name, args=[claim.ref]))
        assert "you share an address with the member" in response.text
        assert 'name="reason"' not in response.text
    typed = signed_in(cast.reviewer).post(reverse("hold", args=[claim.ref]), {"reason": "A paper is missing."})
    assert (typed.status_code, "A paper is missing." in typed.text) == (403, True)
    assert "Nobody is left without a conflict" not in shown
    KINDS["phone"][1](claim, cast.other_reviewer)
    assert "Nobody is left without a conflict" in signed_in(cast.auditor).get(page).text


def test_the_list_costs_the_same_for_one_and_three(cast: Cast) -> None:
    client, counts = signed_in(cast.auditor), []
    client.get(reverse("relation_list"))
    for user in (cast.investigator, cast.other_investigator, cast.other_reviewer):
        claim = make_claim(make_membership(cast.plan), cast.reviewer)
        KINDS["declared"][1](claim, user)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("relation_list"))
        counts.append(len(queries))
    assert counts[0] == counts[-1]


def test_over_the_api(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    mine, other = signed_in(cast.reviewer), signed_in(cast.other_reviewer)
    made = mine.post(
        reverse("api-relation-declare"), {"claim": claim.ref, "kind": "work"}, content_type="application/json"
    )
    assert (made.status_code, made.json()["status"], made.json()["claim"]) == (201, "declared", claim.ref)
    pk = made.json()["id"]
    asked = mine.post(
        reverse("api-relation-ask", args=[pk]), {"reason": "A namesake."}, content_type="application/json"
    )
    assert asked.json()["status"] == "withdrawal_asked"
    settled = {"is_withdrawn": True}
    own = mine.post(reverse("api-relation-settle", args=[pk]), settled, content_type="application/json")
    assert (own.status_code, own.json()["code"]) == (403, "SecondPersonNeeded")
    theirs = other.post(reverse("api-relation-settle", args=[pk]), settled, content_type="application/json")
    assert theirs.json()["status"] == "withdrawn"


def test_a_doctor_steps_down_on_the_page_and_over_the_api(db: None) -> None:
    trial = at_vote(doctors=3)
    trial.vote("aaa")
    first, second = trial.request.opinions.select_related("professional").order_by("pk")[:2]
    client, page = signed_in(first.professional), reverse("opinion_recuse", args=[first.pk])
    assert client.post(page, {}).status_code == 422
    assert client.post(page, {"reason": "knows_somebody"}).status_code == 302
    assert "no longer waits for you" in client.get(page).text
    made = signed_in(second.professional).post(
        reverse("api-opinion-recuse", args=[second.pk]), {"reason": "health"}, content_type="application/json"
    )
    assert (made.status_code, made.json()["state"]) == (200, "closed")
