"""`import_fhir` files nothing for the wrong person, and nothing that is not plainly true."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class

from adjudication.models import Claim, Evidence, ImportedPatient, PatientIdentity, Withdrawal
from audit.models import Entry
from members.models import Person, Plan
from tests.adjudication.fhir.resources import STROKE, bill, condition, ndjson, patient
from tests.adjudication.test_import_fhir import done_with
from tests.factories import make_plan_version
from tests.moving import start_clock

pytestmark = pytest.mark.django_db
ON = "2026-11-20"
NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
A, B = "https://a.example/fhir", "https://b.example/fhir"
CONTRADICTED = "left out: its patient contradicts who is known here"
MRN = [{"system": "https://mrn.example", "value": "77"}]


def status(code: str) -> dict[str, Any]:
    return {"verificationStatus": {"coding": [{"code": code}]}}


def coded(code: str, system: str = "http://hl7.org/fhir/sid/icd-10") -> dict[str, Any]:
    return {"code": {"coding": [{"system": system, "code": code}]}}


@pytest.fixture(autouse=True)
def plan(settings: Any, tmp_path: Path) -> Plan:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    start_clock(NOW)
    return make_plan_version().plan


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def import_resources(*resources: Any, server: str = "", options: tuple[str, ...] = ()) -> dict[str, str]:
        file = tmp_path / "records.ndjson"
        file.write_text(ndjson(*resources), encoding="utf-8")
        out = io.StringIO()
        call_command("import_fhir", str(file), "--plan", "xhb", "--on", ON, "--server", server, *options, stdout=out)
        return done_with(out.getvalue())

    return import_resources


def test_the_same_id_on_two_servers_is_two_people(run: Any) -> None:
    run(patient("1", name=[{"text": "Hanna Erste"}]), server=A)
    other = patient("1", born="1992-02-02", name=[{"text": "Bruno Zweiter"}], gender="male")
    done = run(other, condition("1", "1"), server=B)

    assert done["b.example/fhir/Condition/1"].startswith("claim filed")
    assert Claim.objects.get().membership.person.name == "Bruno Zweiter"
    assert set(Person.objects.values_list("import_key", flat=True)) == {
        "fhir:a.example/fhir/Patient/1",
        "fhir:b.example/fhir/Patient/1",
    }


@pytest.mark.parametrize(
    ("change", "odds"),
    [
        ({"name": [{"text": "Bruno Zweiter"}]}, "name"),
        ({"gender": "male"}, "sex"),
        ({"born": "1984-05-17"}, "date of birth"),
        ({"born": "1984"}, "date of birth"),
    ],
)
def test_who_contradicts_a_known_person_is_reported_and_nothing_is_filed(run: Any, change: Any, odds: str) -> None:
    known = {"name": [{"text": "Hanna Erste"}]}
    run(patient(**known))
    before = (Person.objects.count(), PatientIdentity.objects.count(), Entry.objects.count())

    done = run(patient(**(known | change)), condition(), bill())

    person = Person.objects.get()
    assert done["Patient/p1"].startswith(f"contradicts: it contradicts person {person.pk}, who is known by the same")
    assert f"in {odds}. Nothing was filed" in done["Patient/p1"]
    assert (done["Condition/c1"], done["Claim/b1"]) == (CONTRADICTED, CONTRADICTED)
    assert (Person.objects.count(), PatientIdentity.objects.count(), Entry.objects.count()) == before
    assert person.born_on == dt.date(1985, 5, 17)


@pytest.mark.parametrize(
    "change",
    [
        {"name": [{"text": "Erste Hanna"}]},
        {"name": [{"text": "Hanna Maria Erste"}]},
        {"name": [{"text": "Hanna Neu"}, {"use": "old", "text": "Hanna Erste"}]},
        {"gender": "unknown"},
        {"name": []},
        {"born": "1985-05"},
    ],
)
def test_what_only_says_less_or_otherwise_the_same_contradicts_nobody(run: Any, change: Any) -> None:
    known = {"name": [{"text": "Hanna Erste"}]}
    run(patient(**known))
    assert run(patient(**(known | change)), condition())["Condition/c1"].startswith("claim filed")


def test_an_id_alone_is_not_enough_to_file_for_somebody(run: Any) -> None:
    run(patient(name=[{"text": "Hanna Erste"}]))
    done = run({"resourceType": "Patient", "id": "p1"}, condition())
    assert done["Patient/p1"].startswith("contradicts: neither a name nor a date of birth says that it is person")
    assert not Claim.objects.exists()


def test_an_identifier_joins_two_ids_of_one_person(run: Any) -> None:
    run(patient("1", identifier=MRN), server=A)
    done = run(patient("9", identifier=MRN), condition("9", "9"), server=B)
    assert done["b.example/fhir/Patient/9"].startswith("already there")
    assert Claim.objects.get().membership.person == Person.objects.get()
    # Known by both ids now, also without the number.
    assert run(patient("9"), server=B)["b.example/fhir/Patient/9"].startswith("already there")


def test_an_identifier_of_somebody_else_joins_nobody(run: Any) -> None:
    run(patient("1", identifier=MRN), server=A)
    done = run(patient("9", born="1990-01-01", identifier=MRN), condition("9", "9"), server=B)
    assert "contradicts" in done["b.example/fhir/Patient/9"]
    assert not Claim.objects.exists()


def test_identities_of_two_people_are_nobody_s(run: Any) -> None:
    run(patient("1", identifier=MRN), patient("2", identifier=[MRN[0] | {"value": "78"}]))
    done = run(patient("3", identifier=[MRN[0], MRN[0] | {"value": "78"}]))
    assert "belong to different people here" in done["Patient/3"]


def test_records_at_odds_in_one_file_are_reported_whatever_their_order(run: Any) -> None:
    two = [patient("1", identifier=MRN), patient("2", born="1990-01-01", identifier=MRN)]
    for order in (two, two[::-1]):
        done = run(*order, condition(of="1"))
        assert {did.partition(":")[0] for name, did in done.items() if "Patient" in name} == {"contradicts"}
    assert not Person.objects.exists()


def test_a_moved_record_stays_moved_by_as_many_days(run: Any) -> None:
    run(patient(born="1970-01-01"), condition(on="2010-01-01"))
    moved = ImportedPatient.objects.get().moved_days
    assert Person.objects.get().born_on == dt.date(1970, 1, 1) + dt.timedelta(days=moved)
    done = run(patient(born="1971-01-01"), condition("c2", code=STROKE, on="2010-02-01"))
    assert "date of birth" in done["Patient/p1"]
    assert run(patient(born="1970-01-01"), condition(on="2010-01-01"))["Condition/c1"].startswith("already there")


def test_a_deployment_moves_no_day(run: Any, settings: Any) -> None:
    settings.IS_DEMO = False
    done = run(patient(born="1975-01-01"), condition(on="2010-03-01"))
    assert Person.objects.get().born_on == dt.date(1975, 1, 1)
    assert done["Condition/c1"].startswith("left out: On 1 March 2010 this person was not yet a member")


@pytest.mark.parametrize(
    ("onset", "day"),
    [
        ("2026-10-20T17:30:00Z", dt.date(2026, 10, 21)),
        ("2026-10-20T23:30:00-08:00", dt.date(2026, 10, 21)),
        ("2026-10-20T00:30:00+13:00", dt.date(2026, 10, 19)),
        ("2026-10-20", dt.date(2026, 10, 20)),
    ],
)
def test_a_moment_has_the_plan_s_day(run: Any, onset: str, day: dt.date) -> None:
    run(patient(), condition(onsetDateTime=onset))
    assert Claim.objects.get().first_diagnosed_on == day


@pytest.mark.parametrize(
    "impossible",
    [
        condition("odd", code=STROKE, onsetDateTime="0001-01-01"),
        condition("odd", code=STROKE, onsetDateTime="1901-01-01"),
        condition("odd", code=STROKE, onsetDateTime="1984-01-01"),
        condition("odd", code=STROKE, onsetDateTime="2999-01-01"),
        condition("odd", code=STROKE, onsetDateTime="2026-11-21"),
        bill("odd", created="0001-01-01"),
        bill("odd", created="9999-12-31"),
        bill("odd", created="1984-01-01"),
        bill("odd", total={"value": -5, "currency": "CNY"}),
        bill("odd", total={"value": 5, "currency": "EUR"}),
        bill("odd", total={"value": 5}),
    ],
)
def test_one_impossible_record_costs_itself_alone(run: Any, impossible: dict[str, Any]) -> None:
    done = run(patient(), impossible, condition(), bill())
    assert done[f"{impossible['resourceType']}/odd"].startswith("left out: ")
    assert done["Condition/c1"].startswith("claim filed")
    assert done["Claim/b1"].startswith("evidence added")
    assert Person.objects.get().born_on == dt.date(1985, 5, 17)


def test_a_bill_in_the_plan_s_currency_is_evidence(run: Any) -> None:
    done = run(patient(), condition(), bill(total={"value": 5.25, "currency": "CNY"}))
    assert done["Claim/b1"].startswith("evidence added")


@pytest.mark.parametrize(
    ("more", "code", "given"),
    [
        (coded("C50.911", "http://hl7.org/fhir/sid/icd-10-cm"), "C50.9", "C50.911"),
        (coded("C50911", "urn:oid:2.16.840.1.113883.6.90"), "C50.9", "C50911"),
        (coded("C50.9", "urn:oid:2.16.840.1.113883.6.3"), "C50.9", ""),
        (coded("c50.9", "http://fhir.de/CodeSystem/bfarm/icd-10-gm"), "C50.9", ""),
        (coded("C73.x00", "GB/T 14396-2016"), "C73", "C73.x00"),
        (coded("C16.900x001"), "C16.9", "C16.900x001"),
        (coded("G35.9", "http://fhir.de/CodeSystem/dimdi/icd-10-gm"), "G35", "G35.9"),
        (coded("C50.9 †", "http://hl7.org/fhir/sid/icd-10|2019"), "C50.9", ""),
        (coded("22298006", "urn:oid:2.16.840.1.113883.6.96"), "I21.9", ""),
    ],
)
def test_a_code_of_an_edition_maps_to_its_category_and_is_kept(run: Any, more: Any, code: str, given: str) -> None:
    run(patient(), condition() | more)
    claim = Claim.objects.get()
    assert (claim.icd10, claim.icd10_given) == (code, given)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (coded("C7A.012", "http://hl7.org/fhir/sid/icd-10-cm"), "C7A.012 is not known here"),
        (coded("C50-C50"), "C50-C50 is not known here: it is not written as one code"),
        (coded("V10.3", "http://hl7.org/fhir/sid/icd-9-cm"), "is not known here: SNOMED CT or ICD-10 is needed"),
        (coded("C030BZZ", "http://www.cms.gov/Medicare/Coding/ICD10"), "is a procedure, no diagnosis"),
        (coded("S06.5X9S", "http://hl7.org/fhir/sid/icd-10-cm"), "is what an old injury left behind"),
        ({"code": {"text": "acute heart attack"}}, "it has no SNOMED or ICD-10 code"),
        (
            {"code": {"coding": [coded("C61")["code"]["coding"][0], coded("I64")["code"]["coding"][0]]}},
            "its codings stand for different illnesses (C61, I64)",
        ),
    ],
)
def test_what_cannot_be_mapped_is_said(run: Any, more: Any, why: str) -> None:
    assert why in run(patient(), condition() | more)["Condition/c1"]


def test_a_code_in_small_letters_is_an_accident_too(run: Any) -> None:
    run(*(one for n, code in enumerate(["S06.5", "s06.5", "S06.5X0A"]) for one in (
        patient(f"p{n}"), condition(f"c{n}", f"p{n}") | coded(code, "http://hl7.org/fhir/sid/icd-10-cm")
    )))  # fmt: skip
    assert set(Claim.objects.values_list("icd10", "is_accident")) == {("S06.5", True)}
    assert Claim.objects.count() == 3


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (status("entered-in-error"), "entered_in_error"),
        (status("refuted"), "refuted"),
        (status("provisional"), "unconfirmed"),
        ({"modifierExtension": [{"url": "http://x.example/not", "valueBoolean": True}]}, "unconfirmed"),
        ({"onsetDateTime": "2025-10-20"}, "changed"),
        (coded("J32.9"), "changed"),
    ],
)
def test_a_withdrawal_in_a_later_export_reaches_the_open_claim(run: Any, change: Any, kind: str) -> None:
    run(patient(), condition())
    claim = Claim.objects.get()

    done = run(patient(), condition() | change)

    withdrawal = Withdrawal.objects.get()
    assert done["Condition/c1"].startswith(f"withdrawn: claim {claim.ref} rests on it")
    assert (withdrawal.claim, withdrawal.kind, withdrawal.noted_at) == (claim, kind, None)
    assert Entry.objects.filter(stream=claim.stream, kind="record.withdrawn").count() == 1
    entries = Entry.objects.count()
    again = run(patient(), condition() | change)
    assert again["Condition/c1"].startswith("already there")
    assert (Withdrawal.objects.count(), Entry.objects.count()) == (1, entries)


def test_a_withdrawal_without_its_patient_and_a_deletion_reach_the_claim_too(run: Any) -> None:
    run(patient(), condition(), bill())
    assert run(condition(**status("refuted")))["Condition/c1"].startswith("withdrawn")
    deletions = [{"request": {"method": "DELETE", "url": url}} for url in ("Condition/c1", "Claim/b1")]
    done = run({"resourceType": "Bundle", "type": "history", "entry": deletions})
    assert done["Condition/c1"].startswith("withdrawn")
    assert done["Claim/b1"].startswith("withdrawn")
    assert sorted(Withdrawal.objects.values_list("kind", flat=True)) == ["bill_cancelled", "deleted", "refuted"]


def test_another_patient_s_withdrawal_under_the_same_id_does_not(run: Any) -> None:
    run(patient(), condition())
    done = run(condition(of="somebody-else", **status("refuted")))
    assert done["Condition/c1"].startswith("left out")
    assert not Withdrawal.objects.exists()


def test_a_bill_that_is_cancelled_later_reaches_the_claim(run: Any) -> None:
    run(patient(), condition(), bill())
    assert run(patient(), condition(), bill(status="cancelled"))["Claim/b1"].startswith("withdrawn")
    assert Withdrawal.objects.get().kind == "bill_cancelled"


def test_an_older_export_does_not_file_what_a_newer_one_withdrew(run: Any) -> None:
    old = {"meta": {"versionId": "1", "lastUpdated": "2026-10-21T00:00:00Z"}}
    withdrawn = {"meta": {"versionId": "2", "lastUpdated": "2026-11-02T00:00:00Z"}}
    newer = {"meta": {"versionId": "3", "lastUpdated": "2026-11-03T00:00:00Z"}}
    run(patient(), condition(**status("refuted"), **withdrawn))
    assert "has withdrawn it since" in run(patient(), condition(**old))["Condition/c1"]
    assert "has withdrawn it since" in run(patient(), condition())["Condition/c1"]
    assert run(patient(), condition(**newer))["Condition/c1"].startswith("claim filed")


def test_the_dead_the_merged_and_animals_are_left_out_with_what_is_theirs(run: Any) -> None:
    animal = [{"url": "http://hl7.org/fhir/StructureDefinition/patient-animal"}]
    done = run(
        patient("dead", deceasedBoolean=True), condition("c1", "dead"),
        patient("gone", active=False), condition("c2", "gone"),
        patient("cat", extension=animal), condition("c3", "cat"),
        patient("test", meta={"tag": [{"code": "HTEST"}]}), condition("c4", "test"),
    )  # fmt: skip
    assert all(did.startswith("left out: ") for did in done.values())
    assert done["Condition/c1"] == "left out: of its patient: the patient has died"
    assert not Person.objects.exists()


def test_nobody_joins_before_they_are_old_enough(run: Any) -> None:
    make_plan_version(**{'code = "xhb"': 'code = "adults"', "youngest_years = 0": "youngest_years = 18"})
    done = run(patient(born="2007-05-01"), patient("p2", born="2008-12-01"), options=("--plan", "adults"))
    assert done["Patient/p1"].endswith("joined 2025-05-01")
    assert done["Patient/p2"] == "left out: old enough for the plan from 2026-12-01 on"


def test_a_file_packed_by_gzip_is_read(tmp_path: Path) -> None:
    file = tmp_path / "records.ndjson.gz"
    file.write_bytes(gzip.compress(ndjson(patient(), condition()).encode()))
    call_command("import_fhir", str(file), "--plan", "xhb", "--on", ON, stdout=io.StringIO())
    assert Claim.objects.count() == 1
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(CommandError, match="can't be read"):
        call_command("import_fhir", str(file), "--plan", "xhb", "--on", ON, stdout=io.StringIO())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ndjson(patient()), None),
        (ndjson(patient()) + "{oops\n", 3),
        (ndjson(patient(born="1984-05-17")), 4),
        (ndjson(patient(born="1984-05-17")) + "{oops\n", 3),
    ],
    ids=["all-read", "broken", "contradicts", "both"],
)
def test_the_exit_status_says_whether_resources_were_broken_or_contradict(
    run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, expected: int | None
) -> None:
    run(patient())
    file = tmp_path / "next.ndjson"
    file.write_text(text, encoding="utf-8")
    command = load_command_class(get_commands()["import_fhir"], "import_fhir")
    argv = ["manage.py", "import_fhir", str(file), "--plan", "xhb", "--on", ON]
    if expected is None:
        command.run_from_argv(argv)
    else:
        with pytest.raises(SystemExit) as told:
            command.run_from_argv(argv)
        assert told.value.code == expected
    assert "all " in capsys.readouterr().out


def test_an_import_that_changed_something_leaves_one_entry_with_its_counts(run: Any) -> None:
    run(patient(), condition(), bill(), {"resourceType": "Observation", "id": "o"})
    entry = Entry.objects.get(kind="records.imported")
    assert entry.stream == "plan:xhb"
    assert entry.body == {"claim_filed": 1, "enrolled": 1, "evidence_added": 1, "left_out": 1}


def test_no_file_for_evidence_is_left_by_a_bill_that_is_left_out(run: Any) -> None:
    run(patient(), condition(), bill(status="draft"), bill("b2", use="predetermination"))
    assert not Evidence.objects.exists()
