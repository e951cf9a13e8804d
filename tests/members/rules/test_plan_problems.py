"""Everything that is wrong with a plan file is told at once, each with its line."""

from __future__ import annotations

import tomllib

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from members.errors.plans import PlanFileInvalid
from members.rules.plans import parse_plan
from members.rules.toml_lines import key_lines, line_of

from .plan_files import SHIPPED, XHB_2020, changed

LINES = XHB_2020.source.splitlines()


def problems(text: str) -> dict[str, int | None]:
    with pytest.raises(PlanFileInvalid) as caught:
        parse_plan(text, "test.toml")
    assert caught.value.problems[0] is caught.value
    return {problem.key: problem.line for problem in caught.value.problems}


def line_with(piece: str, text: str = XHB_2020.source) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if piece in line)


def test_every_wrong_key_is_told_with_its_line() -> None:
    text = changed('fee = "8 %"', "fee = 0.08")
    text = text.replace("ages = [40, 59]", "ages = [59, 40]", 1).replace("seats = 7", "seats = 8", 1)
    text = text.replace('bench = "drawn"', 'bench = "best"', 1)
    found = problems(text)
    assert found == {
        "money.fee": line_with("fee = 0.08", text),
        "aid[2].ages": line_with("ages = [59, 40]", text),
        "jury.seats": line_with("seats = 8", text),
        "jury.bench": line_with('bench = "best"', text),
        "jury.fresh_seats": line_with("fresh_seats = 15", text),
    }


def test_the_message_says_file_line_key_and_what_is_allowed() -> None:
    text = changed("grace_days = 14", "grace_days = 400")
    with pytest.raises(PlanFileInvalid) as caught, translation.override("en"):
        parse_plan(text, "test.toml")
    with translation.override("en"):
        line = line_with("grace_days = 400", text)
        assert str(caught.value) == (
            f"test.toml, line {line}, key arrears.grace_days: “400” cannot stand here. "
            "Allowed: a whole number from 0 to 365."
        )


def test_a_missing_key_is_told_at_its_table() -> None:
    assert problems(changed("grace_days = 14\n", "")) == {"arrears.grace_days": line_with("[arrears]")}


def test_a_missing_table_is_told_once_and_not_for_each_of_its_keys() -> None:
    text = changed("[arrears]", "[other]")
    assert problems(text) == {"arrears": None, "other": line_with("[other]", text)}


def test_of_a_text_that_is_no_toml_the_line_is_told() -> None:
    text = changed("seats = 7", "seats == 7")
    assert problems(text) == {"": line_with("seats == 7", text)}


def test_a_wrong_number_of_decimals_does_not_make_every_amount_wrong() -> None:
    text = changed("currency_exponent = 2", 'currency_exponent = "two"')
    assert list(problems(text)) == ["currency_exponent"]


@settings(deadline=None)
@given(st.sets(st.integers(0, len(LINES) - 1), max_size=4), st.integers(0, len(LINES) - 1))
def test_whatever_is_missing_the_file_is_read_or_refused_with_reasons(gone: set[int], doubled: int) -> None:
    lines = [line for number, line in enumerate(LINES) if number not in gone]
    text = "\n".join([*lines[:doubled], *lines[doubled : doubled + 1], *lines[doubled:]])
    try:
        rules = parse_plan(text, "test.toml")
    except PlanFileInvalid as error:
        for problem in error.problems:
            assert problem.line is None or 1 <= problem.line <= len(text.splitlines())
            assert str(problem.allowed)
    else:
        assert rules.code == XHB_2020.code


def _paths(value: object, path: str = "") -> list[str]:
    if isinstance(value, dict):
        below = [f"{path}.{key}" if path else key for key in value]
        return below + [one for key, inner in zip(below, value.values(), strict=True) for one in _paths(inner, key)]
    if isinstance(value, list):
        return [one for n, inner in enumerate(value, 1) for one in _paths(inner, f"{path}[{n}]")]
    return []


@pytest.mark.parametrize("name", SHIPPED)
def test_every_key_of_the_shipped_files_is_found_where_it_stands(name: str) -> None:
    source = SHIPPED[name].source
    lines, text = key_lines(source), source.splitlines()
    paths = _paths(tomllib.loads(source))
    assert len(paths) > 200
    for path in paths:
        number = line_of(lines, path)
        assert number is not None, path
        last = path.rpartition(".")[2].partition("[")[0]
        assert last in text[number - 1], (path, number, text[number - 1])


def test_lines_are_counted_through_long_values() -> None:
    head = 'a = [\n  1, # ]\n  "]",\n]\nb = """\n[not a table]\n"""\n'
    text = head + "'c d'.e = { f = \"}\" }\n[x]\n[[x.y]]\nz = 1\n[[x.y]]\nz = 2\n"
    assert key_lines(text) == {
        "a": 1,
        "b": 5,
        "c d": 8,
        "c d.e": 8,
        "x": 9,
        "x.y": 10,
        "x.y[1]": 10,
        "x.y[1].z": 11,
        "x.y[2]": 12,
        "x.y[2].z": 13,
    }
    assert line_of(key_lines(text), "x.y[2].w.v") == 12
    assert line_of(key_lines(text), "nowhere[1].at") is None
