"""The `replay` command: published figures come out, slips are named, and no database is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from allocation.management.commands.replay import Command
from allocation.rules.published import NotAList, RowInvalid, read_rows, replay_row, version_on
from members.rules.plans import PlanRules, read_plan_folder

FOLDER = Path(__file__).parents[2] / "members" / "plan_files"
HELP_PAGE = {
    "plan": "xhb",
    "on": "2019-06-07",
    "members": 5_000_000,
    "aided": [{"amount": 300_000, "count": 100}],
    "surplus": 0,
}
MAY_2019 = {
    "plan": "相互保",
    "on": "2019-05",
    "members": 3_876_000,
    "aided": [{"amount": 300_000, "count": 14}, {"amount": 100_000, "count": 2}],
}


@pytest.fixture(scope="module")
def plans() -> dict[str, list[PlanRules]]:
    found: dict[str, list[PlanRules]] = {}
    for rules in read_plan_folder(FOLDER):
        found.setdefault(rules.code, []).append(rules)
    return found


@pytest.fixture
def replay(tmp_path: Path) -> Any:
    """Write the content to a file, run the command on it, and give (what it printed, the errors, the failure)."""

    def run(content: Any, *flags: str) -> tuple[str, str, str]:
        path = tmp_path / "periods.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        out, err, failure = StringIO(), StringIO(), ""
        try:
            call_command("replay", str(path), *flags, stdout=out, stderr=err)
        except CommandError as error:
            failure = str(error)
        return out.getvalue(), err.getvalue(), failure

    return run


class TestPublishedFigures:
    def test_both_known_periods_come_out_as_published(self, replay: Any) -> None:
        out, err, failure = replay([MAY_2019, HELP_PAGE])
        assert (err, failure) == ("", "")
        head, may, example, *rest = out.splitlines()
        assert head.split()[-3:] == ["per", "head", "surplus"]
        assert " ".join(may.split()) == (
            "1 xhb-mutual 2019-05 2018-10-16 3,876,000 16 4,400,000.00 440,000.00 4,840,000.00 1.25 5,000.00"
        )
        assert " ".join(example.split()) == (
            "2 xhb 2019-06-07 2019-01-01 5,000,000 100 30,000,000.00 2,400,000.00 32,400,000.00 6.48 0.00"
        )
        assert rest == [line for line in rest if line.startswith("Amounts in CNY")]

    def test_for_a_machine_amounts_are_exact_text(self, replay: Any) -> None:
        out, _err, _failure = replay([MAY_2019], "--json")
        (row,) = json.loads(out)
        assert row["per_head"] == row["member_pays"] == "1.25"
        assert (row["aid"], row["fee"], row["surplus_out"]) == ("4400000.00", "440000.00", "5000.00")
        assert (row["version"], row["fee_bp"], row["members"], row["aided"]) == ("2018-10-16", 1000, 3_876_000, 16)

    def test_the_surplus_of_the_period_before_lowers_the_share(self, replay: Any) -> None:
        out, _err, _failure = replay(
            [HELP_PAGE | {"surplus": "50,000.00"}, HELP_PAGE | {"surplus": "49999.99"}], "--json"
        )
        assert [(row["per_head"], row["surplus_out"]) for row in json.loads(out)] == [
            ("6.47", "0.00"),
            ("6.48", "49999.99"),
        ]

    def test_decimals_are_read_exactly(self, replay: Any) -> None:
        content = (
            b'[{"plan":"xhb","on":"2019-06-07","members":1e3,"aided":[{"amount":0.29,"count":100}],"surplus":1.10}]'
        )
        out, _err, failure = replay(content, "--json")
        (row,) = json.loads(out)
        assert failure == ""
        assert (row["aid"], row["fee"], row["surplus_in"], row["members"]) == ("29.00", "3.00", "1.10", 1000)

    def test_a_case_cap_and_a_year_cap_are_told(self, replay: Any) -> None:
        row = HELP_PAGE | {"members": 100, "aided": [{"amount": 300_000, "count": 1953}]}
        out, _err, _failure = replay([row])
        assert "Row 1: the cap of 0.10 per case and member is reached: the sponsor bears 632,752,470.00." in out
        assert "no member pays more than 188.00 in the calendar year: the sponsor bears 730.00." in out

    def test_with_no_members_the_claims_wait(self, replay: Any) -> None:
        out, _err, failure = replay([HELP_PAGE | {"members": 0}], "--json")
        (row,) = json.loads(out)
        assert failure == ""
        assert (row["per_head"], row["aided"], row["aid_waiting"]) == ("0.00", 0, "30000000.00")
        assert row["notes"] == ["no members: the claims wait for the next notice"]

    def test_a_number_of_claims_does_not_cost_time(self, replay: Any) -> None:
        row = HELP_PAGE | {"members": 10**12, "aided": [{"amount": 300_000, "count": 10**12}]}
        out, _err, _failure = replay([row], "--json")
        assert json.loads(out)[0]["per_head"] == "324000.00"


class TestVersion:
    @pytest.mark.parametrize(
        ("on", "version", "note"),
        [
            ("2018-11-27", "2018-11-27", "the plan's first rules start at 2018-11-27 12:00 and were used"),
            ("2018-11", "2018-11-27", "the plan's first rules start at 2018-11-27 12:00 and were used"),
            ("2018-11-27T12:00", "2018-11-27", ""),
            ("2018-11-27 12:00:00", "2018-11-27", ""),
            ("2018-11-27T04:00:00+00:00", "2018-11-27", ""),
            ("2018-12-31", "2018-11-27", ""),
            ("2018-12-31T23:59:59", "2018-11-27", ""),
            ("2018-12-31T16:00:00Z", "2019-01-01", ""),
            ("2019-01-01", "2019-01-01", ""),
            ("2019-12", "2019-01-01", ""),
            ("2020-01", "2020-01-01", ""),
            ("2031-07-07", "2020-01-01", ""),
        ],
    )
    def test_the_version_in_force_is_the_plans_own(
        self, plans: dict[str, list[PlanRules]], on: str, version: str, note: str
    ) -> None:
        rules, told = version_on(on, plans["xhb"])
        assert (rules.version, told) == (version, note)

    def test_a_version_that_starts_within_the_day_is_told(self, plans: dict[str, list[PlanRules]]) -> None:
        chain = [plans["xhb-mutual"][0], plans["xhb"][0]]
        both = [replace(rules, code="one-plan") for rules in chain]
        rules, told = version_on("2018-11-27", both)
        assert rules.fee_bp == 1000
        assert told == "the rules in force at the start were used; version 2018-11-27 starts at 2018-11-27 12:00"
        assert version_on("2018-11-27T12:00", both)[0].fee_bp == 800

    def test_before_the_first_version_there_are_no_rules(self, replay: Any) -> None:
        _out, err, failure = replay([HELP_PAGE | {"on": "2018-11-27T11:59:59"}])
        assert err.strip() == (
            "Row 1, field “on”: plan xhb had no rules yet on 2018-11-27T11:59:59. Allowed: from 2018-11-27 12:00 on."
        )
        assert failure == "1 of 1 rows could not be computed."

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("xhb", "xhb"),
            ("XHB", "xhb"),
            ("相互宝", "xhb"),
            ("相互保", "xhb-mutual"),
            ("老年版", "xhb-senior"),
            ("相互宝·老年版", "xhb-senior"),
            ("Xiang Hu Bao", "xhb"),
            ("xhb-senior", "xhb-senior"),
        ],
    )
    def test_a_plan_goes_by_its_code_and_its_names(self, replay: Any, name: str, code: str) -> None:
        out, _err, _failure = replay([HELP_PAGE | {"plan": name}], "--json")
        assert json.loads(out)[0]["plan"] == code


class TestBadRows:
    def test_the_others_are_computed_and_every_slip_is_named(self, replay: Any) -> None:
        bad = {
            "plan": "bhx",
            "on": "2019-02-30",
            "members": 1.5,
            "aided": [{"amount": 0.001, "count": -1}, 3],
            "surplus": "x",
        }
        out, err, failure = replay([bad, HELP_PAGE, 7, {}])
        assert " 6.48 " in out
        assert failure == "3 of 4 rows could not be computed."
        fields = [line.split("”")[0].replace(" field “", "") for line in err.splitlines()]
        assert fields == [
            "Row 1,plan",
            "Row 1,on",
            "Row 1,members",
            "Row 1,aided[1].count",
            "Row 1,aided[1].amount",
            "Row 1,aided[2]",
            "Row 1,surplus",
            "Row 3,-",
            "Row 4,plan",
            "Row 4,on",
            "Row 4,members",
            "Row 4,aided",
        ]
        assert all(" Allowed: " in line for line in err.splitlines())
        assert "Row 4, field “members”: is missing." in err

    def test_for_a_machine_the_slips_stand_in_their_rows(self, replay: Any) -> None:
        out, err, failure = replay([HELP_PAGE | {"members": -1}, HELP_PAGE], "--json")
        bad, good = json.loads(out)
        assert (bad["row"], bad["errors"][0]["field"], good["per_head"]) == (1, "members", "6.48")
        assert (err, failure) == ("", "1 of 2 rows could not be computed.")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("plan", ""),
            ("plan", 3),
            ("plan", "Bao"),
            ("plan", "相互"),
            ("on", 20190607),
            ("on", "07.06.2019"),
            ("on", "2019-13"),
            ("on", "2019-06-07T25:00"),
            ("on", "9999-12"),
            ("on", "0000-01-01"),
            ("members", None),
            ("members", True),
            ("members", "1.5"),
            ("members", "1,00"),
            ("members", "-5"),
            ("members", 10**15),
            ("aided", None),
            ("aided", {"amount": 1, "count": 1}),
            ("aided", [{"amount": 1}]),
            ("aided", [{"count": 1}]),
            ("aided", [{"amount": 0, "count": 1}]),
            ("aided", [{"amount": "12.345", "count": 1}]),
            ("aided", [{"amount": True, "count": 1}]),
            ("aided", [{"amount": 10**400, "count": 1}]),
            ("aided", [{"amount": "9" * 500, "count": 1}]),
            ("surplus", -1),
            ("surplus", "1.005"),
            ("surplus", []),
        ],
    )
    def test_what_no_period_can_say_is_refused_with_what_is_allowed(self, replay: Any, field: str, value: Any) -> None:
        out, err, failure = replay([HELP_PAGE | {field: value}])
        assert failure
        assert err.startswith(f"Row 1, field “{field}")
        assert err.count("\n") == 1
        assert " Allowed: " in err
        assert "6.48" not in out

    @pytest.mark.parametrize("number", ["1e999999", "1e-999999", "300000.00000000000000000000000000001"])
    def test_figures_of_absurd_length_cost_nothing(self, number: str, plans: dict[str, list[PlanRules]]) -> None:
        text = f'[{{"plan":"xhb","on":"2019-06-07","members":9,"aided":[{{"amount":{number},"count":1}}]}}]'
        (row,) = read_rows(text.encode())
        with pytest.raises(RowInvalid) as caught:
            replay_row(1, row, plans)
        assert [problem.field for problem in caught.value.problems] == ["aided[1].amount"]

    def test_a_field_given_twice_is_refused_and_an_unknown_one_told(self, replay: Any) -> None:
        text = json.dumps(HELP_PAGE | {"source": "news"})
        _out, err, _failure = replay(f'[{text[:-1]}, "surplus": 9}}]'.encode())
        assert err.strip() == "Row 1, field “surplus”: is given twice. Allowed: each field once."
        out, _err, failure = replay([HELP_PAGE | {"source": "news", "suplus": 3}])
        assert failure == ""
        assert "Row 1: not used: source, suplus." in out


class TestBadFiles:
    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "not valid JSON: line 1, column 1"),
            (b"[{]", "not valid JSON: line 1, column 3"),
            (b"\xff\xfe[]", "not UTF-8 text (byte 0)"),
            (b"{}", "not a list of periods"),
            (b"[NaN]", "not valid JSON: NaN is not a number"),
            (b"[" * 100_000, "not valid JSON: nested too deeply"),
            (b"[" + b"9" * 5000 + b"]", "not valid JSON: Exceeds the limit"),
            (b"[1e99999999999999999999]", "not valid JSON"),
        ],
    )
    def test_one_clear_line(self, replay: Any, content: bytes, reason: str) -> None:
        out, err, failure = replay(content)
        assert (out, err) == ("", "")
        assert reason in failure
        assert "\n" not in failure

    def test_an_unreadable_file_is_one_clear_line(self, tmp_path: Path) -> None:
        for path, reason in ((tmp_path / "none.json", "No such file"), (tmp_path, "Is a directory")):
            with pytest.raises(CommandError, match=reason):
                call_command("replay", str(path))

    def test_a_byte_order_mark_and_an_empty_list_are_fine(self, replay: Any) -> None:
        out, err, failure = replay(b"\xef\xbb\xbf[]")
        assert (out.split()[0], err, failure) == ("row", "", "")
        with pytest.raises(NotAList):
            read_rows(b"3")


def test_no_database_and_no_checks_are_needed() -> None:
    """pytest-django forbids the database to every test here; what is left is not to ask for it before the run."""
    assert Command.requires_system_checks == []
    assert not Command.requires_migrations_checks


def test_the_exit_code_shows_a_failed_row(tmp_path: Path) -> None:
    path = tmp_path / "periods.json"
    path.write_text(json.dumps([HELP_PAGE, {}]))
    with pytest.raises(CommandError) as caught:
        call_command("replay", str(path), "--json", stdout=StringIO())
    assert caught.value.returncode == 1
