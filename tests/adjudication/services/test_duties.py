"""Each duty has details of its own and keeps what it said before; a report is not signed against itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from adjudication.errors.investigations import DetailUnknown, SupportAgainstClause
from adjudication.models import Claim, DutyRecord, DutyRevision, Investigation
from adjudication.rules.duties import DETAILS
from adjudication.services.facts import finding_digest
from adjudication.services.investigations import record_duty
from audit import clock
from audit.models import Entry
from audit.rules.canonical import ascii_digest
from members.rules.dates import local_day
from tests.adjudication.making import found, make_claim, record_all, signed, taken
from tests.cast import Cast

pytestmark = pytest.mark.django_db
AGAINST = {"recommendation": "against", "reason_codes": ["severity"]}


@pytest.fixture
def investigation(cast: Cast) -> Investigation:
    return taken(make_claim(cast.membership, cast.member), cast.investigator)


def record(investigation: Investigation, kind: str = "interview", **changed: Any) -> DutyRecord:
    given: dict[str, Any] = {
        "duty_id": investigation.duties.get(kind=kind).pk,
        "result": "confirms",
        "findings": "Met at home.",
        "jury_summary": "The member was met.",
        "done_on": local_day(clock.now(), investigation.claim.plan.timezone),
        "by": investigation.investigator,
    }
    return record_duty(**(given | changed))


def test_every_duty_has_details_of_its_own() -> None:
    assert set(DETAILS) == set(DutyRecord.Kind.values)
    for kind, details in DETAILS.items():
        names = [detail.name for detail in details]
        assert len(set(names)) == len(names) > 0, kind
        assert any(detail.is_required for detail in details), kind


def test_a_detail_is_kept_encrypted_and_an_unknown_one_is_refused(investigation: Investigation) -> None:
    duty = record(investigation, details={"who": "The member", "place": " Ruijin ", "time": ""})
    assert duty.details == {"who": "The member", "place": "Ruijin"}
    with connection.cursor() as cursor:
        cursor.execute("select details from adjudication_dutyrecord where id = %s", [duty.pk])
        assert "Ruijin" not in cursor.fetchone()[0]
    with pytest.raises(DetailUnknown):
        record(investigation, details={"visits": "None."})


def test_what_a_duty_said_before_is_kept_and_never_changes(investigation: Investigation) -> None:
    record(investigation, details={"who": "The member"})
    assert not DutyRevision.objects.exists()
    record(investigation, result="contradicts", findings="Met again.", details={"who": "The member and a brother"})
    revision = DutyRevision.objects.get()
    assert (revision.result, revision.findings, revision.details) == ("confirms", "Met at home.", {"who": "The member"})
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        DutyRevision.objects.update(result="contradicts")


def test_support_against_a_clause_that_binds_is_not_signed(investigation: Investigation, cast: Cast) -> None:
    record_all(investigation, cast.investigator)
    found(investigation, "icd10", "C73")
    found(investigation, "severity", "mild")
    with pytest.raises(SupportAgainstClause) as refused:
        signed(investigation, cast.investigator)
    assert "Not excluded" in str(refused.value)
    assert Claim.objects.get(pk=investigation.claim_id).status == "under_investigation"
    signed(investigation, cast.investigator, **AGAINST)


def test_the_entry_of_a_report_binds_the_facts_that_it_signs(investigation: Investigation, cast: Cast) -> None:
    record_all(investigation, cast.investigator)
    one, other = found(investigation, "severity", "severe"), found(investigation, "cause", "illness")
    signed(investigation, cast.investigator)
    entry = Entry.objects.get(kind="report.signed")
    assert entry.body["findings_digest"] == ascii_digest([finding_digest(one), finding_digest(other)])


def test_the_form_of_a_duty_asks_what_it_is_about(client: Client, investigation: Investigation, cast: Cast) -> None:
    client.force_login(cast.investigator)
    for kind, details in DETAILS.items():
        page = client.get(reverse("duty_edit", args=[investigation.pk, kind])).content.decode()
        for detail in details:
            assert f'name="detail-{detail.name}"' in page, (kind, detail.name)
        assert f"?learned=duty:{kind}" in page
    address = reverse("duty_edit", args=[investigation.pk, "interview"])
    form = {
        "result": "confirms", "done_on": local_day(clock.now(), investigation.claim.plan.timezone).isoformat(),
        "findings": "Met.", "jury_summary": "The member was met.", "detail-who": "The member",
    }  # fmt: skip
    refused = client.post(address, form)
    assert refused.status_code == 422
    assert 'value="The member"' in refused.content.decode()
    whole = form | {"detail-place": "At home", "detail-statement": "It began in spring."}
    assert client.post(address, whole).status_code == 302
    client.post(address, whole | {"findings": "Met again."})
    page = client.get(address).content.decode()
    assert "What this duty said before" in page
    assert "It began in spring." in page


def test_a_fact_is_entered_where_it_is_learned(client: Client, investigation: Investigation, cast: Cast) -> None:
    client.force_login(cast.investigator)
    address = reverse("fact_record", args=[investigation.pk, "severity"]) + "?learned=duty:treating_hospitals"
    assert '<option value="duty:treating_hospitals" selected>' in client.get(address).content.decode()


def test_signing_shows_facts_clauses_and_what_it_freezes_and_refuses_contradictions(
    client: Client, investigation: Investigation, cast: Cast
) -> None:
    record_all(investigation, cast.investigator)
    found(investigation, "severity", "mild")
    found(investigation, "icd10", "C73")
    client.force_login(cast.investigator)
    address = reverse("report_sign", args=[investigation.pk])
    page = client.get(address).content.decode()
    for told in (
        "The facts that you sign",
        "Excluded by clause 5.1",
        "What your signature freezes",
        "These clauses bind",
    ):
        assert told in page, told
    form = {
        "recommendation": "support", "reasons_for": ["evidence_convincing"], "report": "All seen.",
        "jury_summary": "All papers agree.", "confirm": "on",
    }  # fmt: skip
    both = client.post(address, form | {"reasons_against": ["not_proved"]})
    assert both.status_code == 422
    assert "contradict your recommendation" in both.content.decode()
    bound = client.post(address, form)
    assert bound.status_code == 409
    assert "All seen." in bound.content.decode()
    against = {"recommendation": "against", "reasons_for": [], "reasons_against": ["exclusion"]}
    assert client.post(address, form | against).status_code == 302


def test_the_api_takes_details(client: Client, investigation: Investigation, cast: Cast) -> None:
    client.force_login(cast.investigator)
    body = {
        "result": "confirms", "findings": "Met.", "jury_summary": "The member was met.",
        "done_on": local_day(clock.now(), investigation.claim.plan.timezone).isoformat(),
        "details": {"who": "The member", "place": "At home", "statement": "It began in spring."},
    }  # fmt: skip
    address = reverse("api-investigation-duty", args=[investigation.pk, "interview"])
    shown = client.post(address, body, content_type="application/json").json()
    assert next(duty for duty in shown["duties"] if duty["kind"] == "interview")["details"] == body["details"]
