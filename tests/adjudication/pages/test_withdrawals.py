"""Who sees that a hospital withdrew a record, where, and how it is noted."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from adjudication.models import Withdrawal
from adjudication.services.withdrawals import note_withdrawal
from tests.adjudication.making import make_claim, make_withdrawal, record_all, taken
from tests.cast import Cast
from tests.factories import make_membership, make_person

pytestmark = pytest.mark.django_db
UNNOTED = "be supported or approved before somebody has noted"


def text(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return page.content.decode()


def test_the_claim_s_page_the_investigator_s_page_and_both_work_lists_show_it(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    withdrawal = make_withdrawal(claim)
    to = reverse("withdrawal", args=[withdrawal.pk])
    client.force_login(cast.reviewer)
    for address in (reverse("board_claim", args=[claim.ref]), reverse("home")):
        assert to in text(client, address)
    assert UNNOTED in text(client, reverse("board_claim", args=[claim.ref]))
    client.force_login(cast.investigator)
    for address in (reverse("investigation_detail", args=[investigation.pk]), reverse("home")):
        assert to in text(client, address)
    assert "Record withdrawn" in text(client, reverse("worklist"))
    record_all(investigation, cast.investigator)
    assert to in text(client, reverse("report_sign", args=[investigation.pk]))


def test_an_investigator_notes_it_and_comes_back_to_the_investigation(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    withdrawal = make_withdrawal(claim)
    client.force_login(cast.investigator)
    done = client.post(reverse("withdrawal", args=[withdrawal.pk]), {"note": "The ward confirms the diagnosis."})
    assert done["Location"] == reverse("investigation_detail", args=[investigation.pk])
    page = text(client, done["Location"])
    assert "The ward confirms the diagnosis." in page
    assert UNNOTED not in page
    assert "Record withdrawn" not in text(client, reverse("worklist"))


def test_the_page_says_what_is_known_of_the_record(client: Client, cast: Cast) -> None:
    withdrawal = make_withdrawal(make_claim(cast.membership, cast.member), kind="refuted")
    client.force_login(cast.auditor)
    page = text(client, reverse("withdrawal", args=[withdrawal.pk]))
    for words in ("Refuted", "Condition/c1", "hospital.example/fhir", "not stated in the export"):
        assert words in page
    assert "<textarea" not in page


def test_a_note_that_came_too_late_keeps_what_was_typed(client: Client, cast: Cast) -> None:
    withdrawal = make_withdrawal(make_claim(cast.membership, cast.member))
    note_withdrawal(withdrawal_id=withdrawal.pk, note="First.", by=cast.other_reviewer)
    client.force_login(cast.reviewer)
    page = client.post(reverse("withdrawal", args=[withdrawal.pk]), {"note": "Second words."})
    assert page.status_code == 409
    assert "Second words." in page.content.decode()
    assert Withdrawal.objects.get().note == "First."


def test_an_empty_note_is_refused(client: Client, cast: Cast) -> None:
    withdrawal = make_withdrawal(make_claim(cast.membership, cast.member))
    client.force_login(cast.reviewer)
    page = client.post(reverse("withdrawal", args=[withdrawal.pk]), {"note": " "})
    assert page.status_code == 422
    assert "what the hospital answered" in page.content.decode()


def test_an_auditor_notes_nothing(client: Client, cast: Cast) -> None:
    withdrawal = make_withdrawal(make_claim(cast.membership, cast.member))
    client.force_login(cast.auditor)
    assert client.post(reverse("withdrawal", args=[withdrawal.pk]), {"note": "Mine."}).status_code == 403
    assert Withdrawal.objects.get().noted_at is None


def test_the_member_and_another_investigator_see_nothing_of_it(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    taken(claim, cast.investigator)
    address = reverse("withdrawal", args=[make_withdrawal(claim).pk])
    client.force_login(cast.member)
    assert client.get(address).status_code == 403
    client.force_login(cast.other_investigator)
    assert client.get(address).status_code == 404


def test_the_worklist_asks_no_more_for_more_claims(client: Client, cast: Cast) -> None:
    client.force_login(cast.investigator)
    numbers = []
    for number in range(3):
        membership = make_membership(cast.plan, make_person(f"Person {number}"))
        claim = make_claim(membership, cast.reviewer)
        taken(claim, cast.investigator)
        make_withdrawal(claim, resource=f"Condition/c{number}")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(reverse("worklist"))
        numbers.append(len(asked))
    assert numbers[0] == numbers[2]
