"""Investigations over the API."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from adjudication.models import DutyRecord, Investigation
from adjudication.rules.duties import DETAILS
from audit import clock
from audit.models import Entry
from tests.adjudication.making import make_claim, record_all, taken
from tests.cast import Cast
from tests.factories import make_membership, make_person

LIST = "/api/v1/investigations/"
JSON = "application/json"


def duty_facts(kind: str = "interview", **changed: Any) -> dict[str, Any]:
    return {
        "details": {one.name: "Seen." for one in DETAILS[kind] if one.is_required},
        "result": "confirms",
        "findings": "Met at home.",
        "jury_summary": "The member was met.",
        "done_on": timezone.localdate(clock.now()).isoformat(),
    } | changed


REPORT = {
    "recommendation": "support",
    "reason_codes": ["evidence_convincing"],
    "report": "Seen.",
    "jury_summary": "All agree.",
}


def test_each_role(client: Client, cast: Cast) -> None:
    waiting = make_claim(cast.membership, cast.member).investigations.get()
    assert client.get(LIST).status_code in {401, 403}
    listed = {"investigator": 200, "reviewer": 200, "auditor": 200}
    whole = {"investigator": 404, "reviewer": 200, "auditor": 200}
    for role, user in cast.by_role().items():
        if user is None:
            continue
        client.force_login(user)
        assert client.get(LIST).status_code == listed.get(role, 403), role
        assert client.get(f"{LIST}{waiting.pk}/").status_code == whole.get(role, 403), role
        if role != "investigator":
            assert client.post(f"{LIST}{waiting.pk}/take/").status_code == 403, role
    assert Investigation.objects.get().status == "waiting"


def test_reading_one_in_full_is_recorded(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.auditor)
    client.get(LIST)
    assert not Entry.objects.filter(kind="claim.viewed").exists()
    client.get(f"{LIST}{claim.investigations.get().pk}/")
    entry = Entry.objects.get(kind="claim.viewed")
    assert (entry.stream, entry.actor) == (claim.stream, cast.auditor.audit_ref)


def test_a_row_of_the_worklist_names_nobody(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.investigator)
    [row] = client.get(f"{LIST}?status=waiting").json()["results"]
    assert (row["claim"], row["due_state"], row["duties_done"]) == (claim.ref, "in_time", 0)
    assert cast.membership.person.name not in str(row)


def test_an_investigation_from_taking_to_signing(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    pk = claim.investigations.get().pk
    client.force_login(cast.investigator)
    shown = client.post(f"{LIST}{pk}/take/").json()
    assert (shown["status"], [duty["kind"] for duty in shown["duties"]]) == ("open", DutyRecord.Kind.values)
    early = client.post(f"{LIST}{pk}/sign/", REPORT, content_type=JSON)
    assert (early.status_code, early.json()["code"]) == (409, "DutiesMissing")
    for number, kind in enumerate(DutyRecord.Kind.values, start=1):
        answer = client.post(f"{LIST}{pk}/duties/{kind}/", duty_facts(kind), content_type=JSON)
        assert answer.json()["duties_done"] == number
    signed = client.post(f"{LIST}{pk}/sign/", REPORT, content_type=JSON).json()
    assert (signed["status"], signed["recommendation"]) == ("signed", "support")
    assert len(signed["manifest_digest"]) == 64
    late = client.post(f"{LIST}{pk}/duties/interview/", duty_facts(), content_type=JSON)
    assert (late.status_code, late.json()["code"]) == (409, "InvestigationNotOpen")


def test_the_slower_investigator_is_refused(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    client.force_login(cast.other_investigator)
    answer = client.post(f"{LIST}{investigation.pk}/take/")
    assert (answer.status_code, answer.json()["code"]) == (409, "InvestigationTaken")
    assert claim.ref in answer.json()["detail"]
    assert client.post(f"{LIST}0/take/").status_code == 404


def test_bad_input_is_named(client: Client, cast: Cast) -> None:
    investigation = taken(make_claim(cast.membership, cast.member), cast.investigator)
    client.force_login(cast.investigator)
    address = f"{LIST}{investigation.pk}/duties/interview/"
    named = client.post(address, duty_facts(jury_summary="Wang Xiaoming"), content_type=JSON)
    assert (named.status_code, named.json()["code"]) == (409, "NamesInSummary")
    assert "Xiaoming" not in named.json()["detail"]
    assert "result" in client.post(address, duty_facts(result="odd"), content_type=JSON).json()
    assert client.post(f"{LIST}{investigation.pk}/duties/odd/", duty_facts(), content_type=JSON).status_code == 404
    record_all(investigation, cast.investigator)
    wrong = client.post(f"{LIST}{investigation.pk}/sign/", REPORT | {"reason_codes": ["not_proved"]}, content_type=JSON)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "ReasonNotInPlan")
    assert client.post(f"{LIST}{investigation.pk}/sign/", {}, content_type=JSON).status_code == 400


def test_a_duty_takes_what_its_form_asks_for_and_the_facts_learned_in_it(client: Client, cast: Cast) -> None:
    investigation = taken(make_claim(cast.membership, cast.member), cast.investigator)
    client.force_login(cast.investigator)
    address = f"{LIST}{investigation.pk}/duties/treating_hospitals/"
    without = client.post(address, duty_facts("treating_hospitals", details={"obtained": "All."}), content_type=JSON)
    assert (without.status_code, list(without.json()["details"])) == (400, ["visits"])
    fact = {"fact": "severity", "standing": "found", "value": "mild", "confidence": "certain", "note": "Page 2."}
    odd = duty_facts("treating_hospitals", facts=[fact, fact | {"value": "medium"}])
    refused = client.post(address, odd, content_type=JSON)
    assert (refused.status_code, refused.json()["code"]) == (409, "FactValueUnfit")
    duty = investigation.duties.get(kind="treating_hospitals")
    assert (duty.recorded_at, investigation.claim.findings.count()) == (None, 0), "all or nothing"
    given = client.post(address, duty_facts("treating_hospitals", facts=[fact]), content_type=JSON)
    assert given.status_code == 200
    finding = investigation.claim.findings.get()
    assert (finding.value, finding.duty, finding.source) == ("mild", duty, "report")


def test_only_who_took_it_works_on_it(client: Client, cast: Cast) -> None:
    investigation = taken(make_claim(cast.membership, cast.member), cast.investigator)
    client.force_login(cast.other_investigator)
    assert client.get(f"{LIST}{investigation.pk}/").status_code == 404
    assert client.post(f"{LIST}{investigation.pk}/sign/", REPORT, content_type=JSON).status_code == 404
    address = f"{LIST}{investigation.pk}/duties/interview/"
    assert client.post(address, duty_facts(), content_type=JSON).status_code == 404


def test_the_list_costs_the_same_for_one_and_for_three(
    client: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_claim(cast.membership, cast.member)
    client.force_login(cast.investigator)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for name in ("Li Lei", "Han Mei"):
        make_claim(make_membership(cast.plan, make_person(name)), cast.reviewer)
    with django_assert_num_queries(len(one)):
        assert len(client.get(LIST).json()["results"]) == 3
