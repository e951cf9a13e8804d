"""`import_members` on the command line."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from members.imports.columns import COLUMNS, REQUIRED
from members.management.commands import import_members as command
from members.models import Membership, Plan
from members.models.memberships import EndReason
from members.models.people import Sex
from tests.factories import make_plan_version
from tests.members.imports.making import GOOD, csv_file, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> Plan:
    return make_plan_version("xhb-2020-01-01").plan


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(path: Path, *arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("import_members", str(path), "--plan", "xhb", "--workers", "0", *arguments, stdout=out, **options)
    return out.getvalue()


def test_good_rows_in_and_bad_rows_to_the_report(plan: Plan, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "m.csv", member(1), member(2, sex="?", gifted="?"), member(3))
    shown = run(path)

    assert [line.split() for line in shown.splitlines()[:4]] == [
        ["rows", "3"],
        ["stored", "2"],
        ["stored", "before", "0"],
        ["refused", "1"],
    ]
    assert str(tmp_path / "m.csv.refused.csv") in shown
    report = list(csv.reader((tmp_path / "m.csv.refused.csv").open(encoding="utf-8", newline="")))
    assert report[0] == ["row", "column", "what is wrong", "what is allowed"]
    assert [line[:3] for line in report[1:]] == [["3", "gifted", "is none of these"], ["3", "sex", "is none of these"]]
    assert report[2][3] == "female, male, other, unknown, or nothing"
    assert set(Entry.objects.filter(kind__startswith="memberships").values_list("actor", flat=True)) == {
        "system:command_line"
    }


def test_a_report_of_nothing_is_no_file(plan: Plan, tmp_path: Path) -> None:
    path, report = csv_file(tmp_path / "m.csv", member(1)), tmp_path / "bad.csv"
    report.write_text("of an earlier run")

    assert "Report" not in run(path, "--report", str(report))
    assert not report.exists()


def test_all_or_nothing_says_where_the_report_is(plan: Plan, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "m.csv", member(1), member(2, sex="?"))
    with pytest.raises(CommandError, match=r"1 rows are refused, so nothing was imported.*m\.csv\.refused\.csv"):
        run(path, "--atomic")
    assert not Membership.objects.exists()


@pytest.mark.parametrize("name", ["m.ndjson", "m.JSONL"])
def test_the_format_follows_from_the_name_unless_it_is_given(plan: Plan, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('{"external_id": "1", "name": "W", "born_on": "1985-05-17", "joined_at": "2024-03-01"}\n')

    run(path)
    assert Membership.objects.count() == 1
    with pytest.raises(CommandError, match="first line"):
        run(path, "--format", "csv")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--report", "{file}"], "must not be the file"),
        (["--report", "{folder}/none/bad.csv"], "can't be written"),
        (["--batch", "0"], "from 1 on"),
        (["--workers", "x"], "from 0 on"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(plan: Plan, tmp_path: Path, arguments: list[str], said: str) -> None:
    path = csv_file(tmp_path / "m.csv", member(1))
    given = [argument.format(file=path, folder=tmp_path) for argument in arguments]
    with pytest.raises(CommandError, match=said):
        run(path, *given)


def test_a_plan_that_is_none_is_told_with_those_that_are(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no plan 'x'\. Plans: xhb"):
        call_command("import_members", str(csv_file(tmp_path / "m.csv", GOOD)), "--plan", "x")


def test_progress_is_one_line_that_is_written_over(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_TOLD_EVERY_SECONDS", 0)
    path = csv_file(tmp_path / "m.csv", *(member(number) for number in range(6)))
    shown = Terminal()
    run(path, "--batch", "2", stderr=shown)

    line = shown.getvalue()
    assert line.count("\n") == 1
    assert line.endswith("\n")
    assert "reading" in line
    assert "storing   100%" in line


def test_no_progress_is_written_where_nobody_looks(plan: Plan, tmp_path: Path) -> None:
    shown = io.StringIO()
    run(csv_file(tmp_path / "m.csv", member(1)), stderr=shown)

    assert shown.getvalue() == ""


def test_an_interruption_says_how_to_go_on(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(**_options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "import_members", interrupt)
    with pytest.raises(CommandError, match="run it again to go on"):
        run(csv_file(tmp_path / "m.csv", member(1)))


PAGE = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")


def test_the_examples_of_the_documentation_are_imported_as_they_stand(plan: Plan, tmp_path: Path) -> None:
    block = re.search(r"^ {4}external_id,.*(?:\n {4}.+)+", PAGE, re.M)
    objects = re.findall(r"^ {4}(\{.*\})$", PAGE, re.M)
    assert block
    assert objects
    (tmp_path / "m.csv").write_text("\n".join(line[4:] for line in block[0].splitlines()), encoding="utf-8")
    (tmp_path / "m.ndjson").write_text("\n".join(objects).replace("M-1", "M-9"), encoding="utf-8")

    run(tmp_path / "m.csv")
    run(tmp_path / "m.ndjson")

    paid_for = Membership.objects.get(person__import_key="M-2")
    assert paid_for.person.payer is not None
    assert paid_for.person.payer.name == "王小明"
    assert paid_for.is_gifted
    assert Membership.objects.get(person__import_key="M-3").end_reason == "left"
    assert Membership.objects.get(person__import_key="M-9").left_at is None


def test_the_documentation_names_every_column_and_what_may_stand_in_it() -> None:
    table = PAGE.partition("| column | needed |")[2].partition("\n\n")[0]
    rows = {name: cells for cells in table.splitlines() for name in re.findall(r"`(\w+)`", cells.split("|")[1:2][0])}

    assert set(COLUMNS) <= set(rows)
    assert {name for name in COLUMNS if rows[name].split("|")[2].strip() == "yes"} == set(REQUIRED)
    for value in (*Sex.values, *EndReason.values):
        assert f"`{value}`" in table
