"""The investigator's pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from adjudication.models import DutyRecord, Investigation
from adjudication.services.investigations import return_report
from audit import clock
from audit.models import Entry
from tests.adjudication.making import PDF, investigated_claim, make_claim, record_all, taken
from tests.bent import bend_all
from tests.cast import Cast
from tests.factories import make_membership, make_person


def statuses(client: Client, cast: Cast, address: str) -> dict[str, int]:
    found = {}
    for role, user in cast.by_role().items():
        client.logout()
        if user is not None:
            client.force_login(user)
        found[role] = client.get(address).status_code
    return found


def duty_form(**changed: Any) -> dict[str, Any]:
    return {
        "result": "confirms",
        "done_on": timezone.localdate(clock.now()).isoformat(),
        "findings": "Met Wang Xiaoming at home.",
        "jury_summary": "The member was met at home.",
        "detail-who": "The member",
        "detail-place": "At home",
        "detail-statement": "It began in spring.",
        "detail-visits": "Ruijin Hospital, today.",
        "detail-query": "Asked today.",
        "detail-answer": "Nothing known.",
        "detail-reimbursements": "None.",
    } | changed


def report_form(**changed: Any) -> dict[str, Any]:
    return {
        "recommendation": "support",
        "reasons_for": ["evidence_convincing"],
        "report": "All seen.",
        "jury_summary": "All papers agree.",
        "confirm": "on",
    } | changed


def test_who_opens_which_page(client: Client, cast: Cast) -> None:
    investigation = taken(make_claim(cast.membership, cast.member), cast.investigator)
    strangers = {"anonymous": 302, "outsider": 403, "member": 403, "professional": 403}
    closed = strangers | {"reviewer": 403, "auditor": 403}
    assert statuses(client, cast, reverse("worklist")) == closed | {"investigator": 200}
    detail = reverse("investigation_detail", args=[investigation.pk])
    assert statuses(client, cast, detail) == strangers | {"investigator": 200, "reviewer": 200, "auditor": 200}
    for name, arguments in (("duty_edit", [investigation.pk, "interview"]), ("report_sign", [investigation.pk])):
        address = reverse(name, args=arguments)
        assert statuses(client, cast, address) == closed | {"investigator": 200}
        client.force_login(cast.other_investigator)
        assert client.get(address).status_code == 404
    client.force_login(cast.other_investigator)
    assert client.get(detail).status_code == 404


def test_a_waiting_claim_is_listed_without_its_person(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.investigator)
    page = client.get(reverse("worklist")).content.decode()
    assert claim.ref in page
    assert "In time" in page
    for hidden in (cast.membership.person.name, claim.hospital):
        assert hidden not in page
    waiting = claim.investigations.get()
    assert client.get(reverse("investigation_detail", args=[waiting.pk])).status_code == 404


def test_the_list_costs_the_same_for_one_and_for_three(
    client: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_claim(cast.membership, cast.member)
    client.force_login(cast.investigator)
    address = reverse("worklist") + "?list=waiting"
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for name in ("Li Lei", "Han Mei"):
        make_claim(make_membership(cast.plan, make_person(name)), cast.reviewer)
    with django_assert_num_queries(len(one)):
        page = client.get(address)
    assert len(page.context["rows"]) == 3


def test_the_list_comes_in_pages(client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adjudication.views.investigations.A_PAGE", 1)
    first = make_claim(cast.membership, cast.member)
    second = make_claim(make_membership(cast.plan, make_person("Li Lei")), cast.reviewer)
    client.force_login(cast.investigator)
    seen = [client.get(reverse("worklist"), {"list": "waiting", "page": page}).content.decode() for page in (1, 2)]
    assert [first.ref in page for page in seen] == [True, False]
    assert [second.ref in page for page in seen] == [False, True]


def test_overdue_is_said_in_words(client: Client, cast: Cast) -> None:
    investigation = taken(make_claim(cast.membership, cast.member), cast.investigator)
    bend_all(Investigation.objects.filter(pk=investigation.pk), due_at=clock.now() - dt.timedelta(days=1))
    client.force_login(cast.investigator)
    assert "Overdue" in client.get(reverse("worklist")).content.decode()


def test_taking_leads_to_the_investigation_and_the_slower_investigator_sees_it_is_taken(
    client: Client, cast: Cast
) -> None:
    claim = make_claim(cast.membership, cast.member)
    address = reverse("investigation_take", args=[claim.investigations.get().pk])
    for user in (cast.member, cast.reviewer, cast.outsider):
        client.force_login(user)
        assert client.post(address).status_code == 403
    client.force_login(cast.investigator)
    assert client.get(address).status_code == 405
    page = client.post(address, follow=True).content.decode()
    for known in (cast.membership.person.name, claim.hospital, "Interview the member", "A lump was found in spring."):
        assert known in page, known
    client.force_login(cast.other_investigator)
    told = client.post(address, follow=True)
    assert told.redirect_chain[0][0] == reverse("worklist")
    assert f"Claim {claim.ref} was taken by another investigator" in told.content.decode()
    assert client.post(reverse("investigation_take", args=[0])).status_code == 404


def test_looking_at_who_it_is_is_an_entry(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    client.force_login(cast.auditor)
    client.get(reverse("investigation_detail", args=[investigation.pk]))
    entry = Entry.objects.get(kind="claim.viewed")
    assert (entry.stream, entry.actor) == (claim.stream, cast.auditor.audit_ref)


def test_a_duty_is_recorded_with_files(client: Client, cast: Cast) -> None:
    investigation = taken(make_claim(cast.membership, cast.member), cast.investigator)
    address = reverse("duty_edit", args=[investigation.pk, "interview"])
    client.force_login(cast.investigator)
    given = duty_form(papers=[SimpleUploadedFile("a.pdf", PDF)], is_for_jury="on")
    page = client.post(address, given, follow=True).content.decode()
    assert "Recorded: Interview the member" in page
    duty = investigation.duties.get(kind="interview")
    assert (duty.result, duty.evidence.get().is_for_jury) == ("confirms", True)
    again = client.get(address).content.decode()
    assert "shown to the jury" in again
    assert "Met Wang Xiaoming at home." in again
    client.post(address, {"remove": str(duty.evidence.get().pk)})
    assert not duty.evidence.exists()


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"jury_summary": "Wang Xiaoming was met."}, 409, "reveals the name"),
        ({"done_on": "2999-01-01"}, 409, "have been done on"),
        ({"result": ""}, 422, "Choose the result."),
        ({"papers": [SimpleUploadedFile("a.pdf", b"MZ\x90\x00")]}, 409, "does not match its name"),
    ],
)
def test_a_failing_duty_keeps_what_was_typed(
    client: Client, cast: Cast, changed: dict[str, Any], status: int, said: str
) -> None:
    investigation = taken(make_claim(cast.membership, cast.member), cast.investigator)
    client.force_login(cast.investigator)
    answer = client.post(reverse("duty_edit", args=[investigation.pk, "interview"]), duty_form(**changed))
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert "Met Wang Xiaoming at home." in answer.content.decode()
    assert DutyRecord.objects.filter(investigation=investigation, recorded_at__isnull=False).count() == 0


def test_an_unknown_duty_does_not_exist(client: Client, cast: Cast) -> None:
    investigation = taken(make_claim(cast.membership, cast.member), cast.investigator)
    client.force_login(cast.investigator)
    assert client.get(reverse("duty_edit", args=[investigation.pk, "nothing"])).status_code == 404


def test_the_report_waits_for_the_duties(client: Client, cast: Cast) -> None:
    investigation = taken(make_claim(cast.membership, cast.member), cast.investigator)
    address = reverse("report_sign", args=[investigation.pk])
    client.force_login(cast.investigator)
    assert "These duties have no result yet" in client.get(address).content.decode()
    refused = client.post(address, report_form())
    assert refused.status_code == 409
    assert Investigation.objects.get(pk=investigation.pk).status == "open"


def test_the_report_is_signed(client: Client, cast: Cast) -> None:
    investigation = taken(make_claim(cast.membership, cast.member), cast.investigator)
    record_all(investigation, cast.investigator)
    address = reverse("report_sign", args=[investigation.pk])
    client.force_login(cast.investigator)
    assert client.post(address, report_form(confirm="")).status_code == 422
    assert client.post(address, report_form(reasons_for=[])).status_code == 422
    named = client.post(address, report_form(jury_summary="Wang Xiaoming is ill."))
    assert named.status_code == 409
    assert "All seen." in named.content.decode()
    # A reason against is no reason to support: the report is refused and not silently mended.
    assert client.post(address, report_form(reasons_against=["not_proved"])).status_code == 422
    page = client.post(address, report_form(), follow=True).content.decode()
    assert "The report is signed and the evidence frozen." in page
    investigation = Investigation.objects.get(pk=investigation.pk)
    assert investigation.reason_codes == ["evidence_convincing"]
    assert investigation.manifest_digest in page
    assert "This investigation is closed" in client.get(address).content.decode()
    assert client.post(address, report_form()).status_code == 409


def test_a_further_round_shows_why_and_what_was_found(client: Client, cast: Cast) -> None:
    claim = investigated_claim(cast)
    return_report(claim_ref=claim.ref, reason="Ask the second hospital.", by=cast.reviewer)
    second = taken(claim, cast.other_investigator)
    client.force_login(cast.other_investigator)
    page = client.get(reverse("investigation_detail", args=[second.pk])).content.decode()
    assert "Ask the second hospital." in page
    assert "Met in person; the papers agree." in page
