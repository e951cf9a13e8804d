"""What a hospital's record states becomes a finding beside what the applicant states, and goes with the record."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from adjudication.models import Claim, Evidence, Finding, ImportedPatient, PatientIdentity
from adjudication.selectors.facts import counting_facts
from adjudication.services.claims import submit_claim
from audit.actors import SYSTEM
from audit.models import Entry
from members.models import Membership, Plan
from tests.adjudication.fhir.resources import bill, condition, ndjson, patient
from tests.adjudication.making import claim_facts, found, record_all, signed, taken
from tests.adjudication.test_import_fhir import done_with
from tests.adjudication.test_import_truth import NOW, ON, coded, status
from tests.factories import make_plan_version, make_user
from tests.moving import start_clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plan(settings: Any, tmp_path: Path) -> Plan:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    start_clock(NOW)
    return make_plan_version().plan


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def import_resources(*resources: Any) -> dict[str, str]:
        file = tmp_path / "records.ndjson"
        file.write_text(ndjson(*resources), encoding="utf-8")
        out = io.StringIO()
        call_command("import_fhir", str(file), "--plan", "xhb", "--on", ON, stdout=out)
        return done_with(out.getvalue())

    return import_resources


def stated(claim: Claim) -> list[tuple[str, str, str]]:
    rows = claim.findings.filter(source="record").order_by("pk")
    return [(one.fact, one.standing.value, one.value) for one in rows]


def own_claim(run: Any, **changed: Any) -> Claim:
    """A claim that a member files who is known from a hospital's record, about another day than the record says."""
    run(patient())
    membership = Membership.objects.get()
    facts = claim_facts(membership, icd10="I21.9", first_diagnosed_on=dt.date(2026, 11, 1), **changed)
    return submit_claim(**facts, by=SYSTEM)


def test_an_imported_claim_has_the_record_as_the_source_of_its_facts(run: Any) -> None:
    run(patient(), condition())
    claim = Claim.objects.get()
    assert stated(claim) == [
        ("icd10", "found", claim.icd10),
        ("first_diagnosed_on", "found", claim.first_diagnosed_on.isoformat()),
    ]
    facts = counting_facts(claim)
    assert (facts["icd10"].source, facts["first_diagnosed_on"].source) == ("record", "record")
    assert facts["severity"].source == "stated"
    entries = Entry.objects.count()
    run(patient(), condition())
    assert (Finding.objects.count(), Entry.objects.count()) == (2, entries)


def test_a_record_states_a_fact_of_the_claim_that_the_member_filed(run: Any) -> None:
    claim = own_claim(run)
    done = run(patient(), condition())
    assert done["Condition/c1"].startswith(f"fact recorded: {claim.ref}")
    facts = counting_facts(claim)
    assert facts["first_diagnosed_on"].value != claim.first_diagnosed_on.isoformat()
    assert facts["first_diagnosed_on"].stated == claim.first_diagnosed_on.isoformat()
    assert claim.eligibility_checks.latest("pk").occasion == "finding"
    assert run(patient(), condition())["Condition/c1"].startswith("already there")
    assert Claim.objects.count() == 1


def test_another_illness_says_nothing_of_it(run: Any) -> None:
    claim = own_claim(run)
    assert run(patient(), condition() | coded("C50.9"))["Condition/c1"].startswith("left out")
    assert stated(claim) == []


def test_what_the_investigation_finds_counts_before_the_record(run: Any) -> None:
    claim = own_claim(run)
    run(patient(), condition())
    investigation = taken(claim, make_user(None, "investigator"))
    found(investigation, "first_diagnosed_on", "2026-10-30")
    assert counting_facts(claim)["first_diagnosed_on"].source == "report"


@pytest.mark.parametrize("change", [status("entered-in-error"), status("refuted"), status("provisional")])
def test_a_withdrawn_record_withdraws_what_it_stated(run: Any, change: Any) -> None:
    run(patient(), condition())
    claim = Claim.objects.get()
    run(patient(), condition() | change)
    assert [row[:2] for row in stated(claim)[2:]] == [("icd10", "withdrawn"), ("first_diagnosed_on", "withdrawn")]
    assert counting_facts(claim)["icd10"].source == "stated"


def test_the_same_of_a_claim_that_the_member_filed_also_by_a_deletion(run: Any) -> None:
    claim = own_claim(run)
    run(patient(), condition())
    gone = {"request": {"method": "DELETE", "url": "Condition/c1"}}
    done = run({"resourceType": "Bundle", "type": "history", "entry": [gone]})
    assert done["Condition/c1"].startswith("withdrawn")
    assert [row[1] for row in stated(claim)] == ["found", "found", "withdrawn", "withdrawn"]
    assert claim.withdrawals.get().noted_at is None


def test_a_later_version_states_another_day(run: Any) -> None:
    claim = own_claim(run)
    run(patient(), condition())
    first = counting_facts(claim)["first_diagnosed_on"].value
    done = run(patient(), condition(onsetDateTime="2025-10-20"))
    assert done["Condition/c1"].startswith("fact recorded")
    assert counting_facts(claim)["first_diagnosed_on"].value != first


def test_a_record_after_the_freeze_is_late(run: Any) -> None:
    claim = own_claim(run)
    investigator = make_user(None, "investigator")
    investigation = taken(claim, investigator)
    record_all(investigation, investigator)
    signed(investigation, investigator)
    run(patient(), condition())
    assert set(claim.findings.values_list("is_late", flat=True)) == {True}
    assert counting_facts(claim)["icd10"].source == "stated"


def test_a_decided_claim_takes_none(run: Any) -> None:
    claim = own_claim(run)
    Claim.objects.filter(pk=claim.pk).update(status="withdrawn")
    done = run(patient(), condition())
    assert stated(claim) == []
    assert not done["Condition/c1"].startswith("fact recorded")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    barrier = Barrier(len(acts))

    def act_of(act: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act_of, acts))


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_once_store_everything_once(tmp_path: Path) -> None:
    people = [
        one
        for n in range(6)
        for one in (patient(f"p{n}"), condition(f"c{n}", f"p{n}"), bill(f"b{n}", f"p{n}", visit_of=f"c{n}"))
    ]

    def import_file(name: str, resources: list[Any]) -> dict[str, str]:
        file = tmp_path / name
        file.write_text(ndjson(*resources), encoding="utf-8")
        out = io.StringIO()
        call_command("import_fhir", str(file), "--plan", "xhb", "--on", ON, stdout=out)
        return done_with(out.getvalue())

    first, second = at_once(lambda: import_file("a", people), lambda: import_file("b", people[::-1]))
    assert not isinstance(first, Exception), first
    assert not isinstance(second, Exception), second
    assert (ImportedPatient.objects.count(), Claim.objects.count(), Evidence.objects.count()) == (6, 6, 6)
    assert PatientIdentity.objects.count() == 6
    for n in range(6):
        done = sorted(found[f"Patient/p{n}"].split(":")[0] for found in (first, second))
        assert done == ["already there", "enrolled"], "one of the two did it, the other says so"
