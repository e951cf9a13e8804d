"""Withdrawn records over the API."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from adjudication.models import Withdrawal
from tests.adjudication.making import make_claim, make_withdrawal, taken
from tests.cast import Cast

LIST = "/api/v1/withdrawals/"


def test_staff_read_them_and_an_investigator_notes_one(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    taken(claim, cast.investigator)
    withdrawal = make_withdrawal(claim)
    make_withdrawal(None, cast.plan, resource="Condition/of-no-claim")
    client.force_login(cast.reviewer)
    (found,) = client.get(LIST).json()["results"]
    assert (found["claim"], found["kind"], found["resource"]) == (claim.ref, "entered_in_error", "Condition/c1")
    assert (found["server"], found["noted_at"], found["note"]) == ("hospital.example/fhir", None, "")
    client.force_login(cast.investigator)
    noted = client.post(f"{LIST}{withdrawal.pk}/note/", {"note": "It stands."}, content_type="application/json")
    assert (noted.status_code, noted.json()["note"]) == (200, "It stands.")
    assert Withdrawal.objects.get(pk=withdrawal.pk).noted_by == cast.investigator
    again = client.post(f"{LIST}{withdrawal.pk}/note/", {"note": "Or not."}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "WithdrawalNoted")


def test_those_not_noted_are_found_by_a_filter(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    withdrawal = make_withdrawal(claim)
    client.force_login(cast.reviewer)
    assert [one["id"] for one in client.get(f"{LIST}?is_noted=false&claim={claim.ref}").json()["results"]] == [
        withdrawal.pk
    ]
    assert client.get(f"{LIST}?is_noted=true").json()["results"] == []


def test_a_list_asks_no_more_for_more_rows(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.reviewer)
    numbers = []
    for number in range(3):
        make_withdrawal(claim, resource=f"Condition/c{number}")
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        numbers.append(len(asked))
    assert numbers[0] == numbers[2]
