"""`import_fhir`: what becomes of every resource of a file, and what a second run does (nothing)."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from adjudication.models import Claim, Evidence
from audit.models import Entry
from members.models import Membership, Person, Plan
from tests.adjudication.fhir.resources import SINUSITIS, STROKE, bill, bundle, condition, ndjson, patient
from tests.factories import make_plan_version
from tests.moving import start_clock

pytestmark = pytest.mark.django_db
REAL_FILE = Path(__file__).parents[3] / "shared" / "data" / "synthea_r4_claims_50p.ndjson"
LINE = re.compile(r"(line \d+(?:, entry \d+)?|entry \d+|file) +(\S+/\S+)? +([a-z ]+): (.+)")
ON = "2026-11-20"
NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
"""Some days after the illnesses of the records."""


@pytest.fixture(autouse=True)
def plan(settings: Any, tmp_path: Path) -> Plan:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    start_clock(NOW)
    return make_plan_version().plan


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def import_file(text: str, *options: str, on: str | None = ON) -> dict[str, str]:
        """What was done with each resource, in the order of the report."""
        file = tmp_path / "records.ndjson"
        file.write_text(text, encoding="utf-8")
        out = io.StringIO()
        when = ("--on", on) if on else ()
        call_command("import_fhir", str(file), "--plan", "xhb", *when, *options, stdout=out)
        return done_with(out.getvalue())

    return import_file


def done_with(output: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in output.split("\n\n", maxsplit=1)[0].splitlines():
        match = LINE.fullmatch(line)
        assert match, line
        name = match[2] or match[1]
        assert name not in found, f"{name} is reported twice"
        found[name] = f"{match[3]}: {match[4]}"
    return found


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (Person, Membership, Claim, Evidence, Entry)}


def test_a_patient_becomes_a_member_a_condition_a_claim_and_its_bill_evidence(run: Any) -> None:
    done = run(ndjson(patient(name=[{"text": "Ada Lovelace"}]), condition(), bill()))

    membership = Membership.objects.get()
    claim = Claim.objects.get()
    evidence = Evidence.objects.get()
    assert done == {
        "Patient/p1": f"enrolled: membership {membership.pk}, joined 2020-01-01",
        "Condition/c1": f"claim filed: {claim.ref}: I21.9 severe, first diagnosed 2026-10-20",
        "Claim/b1": f"evidence added: evidence {evidence.pk} of {claim.ref}",
    }
    assert membership.person.name == "Ada Lovelace"
    assert (claim.status, claim.membership, claim.hospital) == ("submitted", membership, "Ren'ai Hospital")
    assert claim.investigations.get().status == "waiting"
    assert (evidence.claim, evidence.kind, evidence.is_for_jury) == (claim, "bill", False)
    with evidence.file.open("rb") as stored:
        assert json.load(stored) == bill()
    assert set(Entry.objects.values_list("actor", flat=True)) == {"system:fhir-import"}
    kinds = list(Entry.objects.values_list("kind", flat=True))
    assert {"person.registered", "membership.joined", "claim.submitted", "evidence.added"} <= set(kinds)


@pytest.mark.parametrize(
    "text",
    [
        ndjson(bill(), condition(), patient()),
        ndjson(bundle(patient(), condition(), bill())),
        json.dumps(bundle(condition(), patient(), bill()), indent=2),
        ndjson(bundle(patient()), bundle(bill(), condition())),
        "\ufeff" + ndjson(patient(), condition(), bill()),
    ],
    ids=["ndjson-backwards", "bundle", "pretty-bundle", "ndjson-of-bundles", "byte-order-mark"],
)
def test_every_shape_of_file_is_read(run: Any, text: str) -> None:
    done = run(text)

    assert {name: did.partition(":")[0] for name, did in done.items()} == {
        "Patient/p1": "enrolled",
        "Condition/c1": "claim filed",
        "Claim/b1": "evidence added",
    }


def test_the_lines_of_a_patient_come_in_the_file_s_order(run: Any) -> None:
    done = run(ndjson(bill("b2", visit_of="c2"), condition("c2", code=SINUSITIS), patient(), bill(), condition()))

    assert list(done) == ["Claim/b2", "Condition/c2", "Patient/p1", "Claim/b1", "Condition/c1"]


def test_a_broken_line_is_reported_with_its_number_and_the_rest_is_imported(run: Any) -> None:
    done = run(ndjson(patient()) + "{oops\n" + ndjson(condition(), {"resourceType": "Patient", "gender": "male"}))

    assert done["line 2"].startswith("broken: not JSON")
    assert done["line 4"].startswith("broken: a Patient without id")
    assert Claim.objects.count() == 1


def test_atomic_rolls_everything_back_when_one_line_is_broken(run: Any) -> None:
    before = counts()
    text = ndjson(patient(), condition(), bill()) + "{oops\n"

    with pytest.raises(CommandError, match="1 broken: nothing was imported"):
        run(text, "--atomic")

    assert counts() == before
    run(text)
    assert Claim.objects.count() == 1


def test_atomic_imports_a_file_that_is_whole(run: Any) -> None:
    run(ndjson(patient(), condition(), bill()), "--atomic")

    assert Evidence.objects.count() == 1


def test_running_it_twice_adds_nothing(run: Any) -> None:
    text = ndjson(patient(), condition("old", on="2010-01-01"), condition("c2", code=STROKE), bill(visit_of="old"))
    first = run(text)
    before = counts()

    again = run(text, on="2026-11-22")

    assert counts() == before
    assert again["Patient/p1"].startswith("already there: membership")
    assert again["Condition/old"].startswith("already there: claim")
    assert again["Claim/b1"].startswith("already there: evidence")
    assert again["Condition/c2"] == first["Condition/c2"]  # moved by as many days as the first time


def test_what_is_not_read_or_has_no_patient_is_left_out(run: Any) -> None:
    done = run(ndjson({"resourceType": "Observation", "id": "o1"}, condition(of="ghost"), bill(of="ghost")))

    assert done == {
        "Observation/o1": "left out: Observation is not read",
        "Condition/c1": "left out: its patient ghost is not in the file",
        "Claim/b1": "left out: its patient ghost is not in the file",
    }
    assert counts()["Person"] == 0


def test_a_refuted_an_uncovered_and_a_later_diagnosis_are_left_out(run: Any) -> None:
    refuted = condition("refuted", verificationStatus={"coding": [{"code": "refuted"}]})
    done = run(
        ndjson(
            patient(), refuted, condition("later", on="2026-11-01"), condition(), condition("cold", code=SINUSITIS),
            bill(), bill("other", visit_of="cold"),
        )
    )  # fmt: skip

    assert done["Condition/refuted"] == "left out: the diagnosis is refuted, not confirmed"
    assert done["Condition/later"] == "left out: acute_myocardial_infarction occurred before: not the first"
    assert "is not covered by xhb" in done["Condition/cold"]
    assert done["Claim/other"] == "left out: it bills nothing that was claimed"
    assert Claim.objects.get().import_key == "fhir:Condition/c1"


def test_a_second_covered_condition_waits_for_the_first_claim(run: Any) -> None:
    done = run(ndjson(patient(), condition(), condition("c2", code=STROKE, on="2026-10-25")))

    claim = Claim.objects.get()
    assert done["Condition/c2"].startswith("left out: ")
    assert claim.ref in done["Condition/c2"]


def test_an_old_record_is_moved_as_a_whole(run: Any) -> None:
    done = run(
        ndjson(
            patient(born="1950-01-01"),
            condition(on="1980-03-01"),
            condition("years-later", code=STROKE, on="1990-03-01"),
        )
    )

    claim = Claim.objects.get()
    moved = dt.date(2026, 10, 21) - dt.date(1980, 3, 1)
    assert claim.first_diagnosed_on == dt.date(2026, 10, 21)
    assert claim.membership.person.born_on == dt.date(1950, 1, 1) + moved
    assert f"record moved by {moved.days} days" in done["Patient/p1"]
    assert done["Condition/years-later"].startswith(
        f"left out: with the record moved by {moved.days} days it falls on 2036-10-"
    )


def test_as_recorded_moves_nothing(run: Any) -> None:
    done = run(ndjson(patient(born="1975-01-01"), condition(on="2010-03-01")), "--as-recorded")

    assert Person.objects.get().born_on == dt.date(1975, 1, 1)
    assert done["Condition/c1"].startswith("left out: ")
    assert not Claim.objects.exists()


def test_a_person_too_old_to_join_is_not_even_registered(run: Any) -> None:
    before = counts()

    done = run(ndjson(patient(born="1955-01-01"), condition(), bill()))

    assert done["Patient/p1"].startswith("left out: ")
    assert done["Condition/c1"] == "left out: the patient was not enrolled"
    assert done["Claim/b1"] == "left out: it bills nothing that was claimed"
    assert counts() == before


def test_the_edge_of_joining_age_is_judged_on_the_day_of_joining(run: Any) -> None:
    """59 on the plan's first day may join; 60 on that day may not."""
    done = run(ndjson(patient("young", born="1960-01-02"), patient("old", born="1960-01-01")))

    assert done["Patient/young"].startswith("enrolled")
    assert done["Patient/old"].startswith("left out")


@pytest.mark.parametrize("born", ["1985", "1985-05"])
def test_a_birth_date_without_a_day_is_no_age(run: Any, born: str) -> None:
    done = run(ndjson(patient(born=born), condition()))

    assert done["Patient/p1"] == "left out: birthDate gives no day, so no age can be judged"
    assert not Person.objects.exists()


@pytest.mark.parametrize("born", ["2026-11-21", "9999-12-31", "0001-01-01"])
def test_an_impossible_birth_date_is_left_out_and_the_rest_is_imported(run: Any, born: str) -> None:
    done = run(ndjson(patient(born=born), condition(on="1990-01-01"), patient("p2"), condition("c2", "p2")))

    assert done["Patient/p1"].startswith("left out: ")
    assert done["Condition/c2"].startswith("claim filed")


def test_a_gender_beyond_the_list_is_stored_as_unknown(run: Any) -> None:
    run(ndjson(patient(gender="not-in-the-list-at-all")))

    assert Person.objects.get().sex == "unknown"


def test_the_same_resource_twice_counts_once(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "twice.ndjson"
    file.write_text(ndjson(patient(), patient(), condition(), condition(), bill(), bill()), encoding="utf-8")
    out = io.StringIO()
    call_command("import_fhir", str(file), "--plan", "xhb", "--on", ON, stdout=out)

    assert out.getvalue().count("appears in the file twice") == 3
    assert (Person.objects.count(), Claim.objects.count(), Evidence.objects.count()) == (1, 1, 1)


def test_an_unknown_plan_is_named_with_those_there_are(run: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no plan 'nope'. Plans: xhb"):
        call_command("import_fhir", str(tmp_path), "--plan", "nope")


def test_a_plan_without_rules_takes_nobody(run: Any, tmp_path: Path) -> None:
    Plan.objects.create(code="empty", title_en="Empty", title_zh="空", currency="CNY", timezone="Asia/Shanghai")
    file = tmp_path / "one.ndjson"
    file.write_text(ndjson(patient()), encoding="utf-8")

    with pytest.raises(CommandError, match="plan Empty"):
        call_command("import_fhir", str(file), "--plan", "empty", "--on", ON)


@pytest.mark.parametrize("kind", ["missing", "folder", "binary"])
def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "x"
    if kind == "folder":
        file.mkdir()
    if kind == "binary":
        file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(CommandError, match=r"x can't be read"):
        call_command("import_fhir", str(file), "--plan", "xhb")


def test_the_real_file_is_accounted_for_to_the_last_resource(run: Any) -> None:
    """50 synthetic patients, 303 conditions, 1,039 claims: each is reported once, and a second run adds nothing."""
    if not REAL_FILE.exists():
        # Not everybody who has the code has the file; its shape is then tried on one made here.
        text = ndjson(*(patient(f"p{n}") for n in range(50)), *(condition(f"c{n}", f"p{n}") for n in range(50)))
        expected = {"Patient": 50, "Condition": 50}
    else:
        text = REAL_FILE.read_text(encoding="utf-8")
        expected = {"Patient": 50, "Condition": 303, "Claim": 1039}

    done = run(text)

    assert Counter(name.partition("/")[0] for name in done) == expected
    did = Counter(words.partition(":")[0] for words in done.values())
    assert did["enrolled"] == Membership.objects.count() == Person.objects.count() >= 25
    assert did["claim filed"] == Claim.objects.count() >= 10
    assert did["evidence added"] == Evidence.objects.count()
    before = counts()
    again = run(text, on="2026-11-22")
    assert counts() == before
    assert Counter(words.partition(":")[0] for words in again.values())["already there"] == (
        did["enrolled"] + did["claim filed"] + did["evidence added"]
    )
