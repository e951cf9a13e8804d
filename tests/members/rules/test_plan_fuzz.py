"""Whatever somebody makes of a plan file, it is read or refused with file, line and key; nothing else ever happens."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from members.errors.plans import PlanFileInvalid
from members.rules.plans import PlanRules, code_in, parse_plan

from .plan_files import FOLDER, SHIPPED

EXAMPLE = (FOLDER / "examples" / "craft-berlin-2024-01-01.toml").read_text(encoding="utf-8")
SOURCES = [*(rules.source for rules in SHIPPED.values()), EXAMPLE]
# A line `key = value`, as the shipped files write them: every value is put to the test.
ASSIGNED = re.compile(r"^([\w.]+) = (.+)$", re.M)

odd_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
odd_values = st.one_of(
    st.integers(-(10**30), 10**30).map(str),
    st.sampled_from(["true", "inf", "-nan", "1e400", "0xffff", "[]", "[[]]", "{}", "[1, 2]", "{ en = 1 }", '"none"']),
    st.sampled_from(["9" * 5000, "0x" + "f" * 5000, "[" * 2000, "2020-01-01", "0001-01-01T00:00:00", "24:00:00"]),
    odd_texts.map(lambda text: '"' + "".join(f"\\U{ord(letter):08x}" for letter in text) + '"'),
    st.sampled_from(["999999999999999999 %", "٣ %", "１", "-1", "1e3", "C00-", "-", "C00-C97-D00", "Ａ00"]).map(
        lambda text: f'"{text}"'
    ),
)
odd_keys = st.one_of(
    st.sampled_from(['""', '"["', '"."', '"a.b]"', "x", '"\\n"', "'é'", "aid", "covered.x"]),
    odd_texts.map(lambda text: '"' + "".join(f"\\U{ord(letter):08x}" for letter in text) + '"'),
)


MAY_BE_LEFT_OUT = "bears_on"
"""A question need not bear on anything."""


def outcome(text: str, *, is_published: bool = False) -> PlanRules | PlanFileInvalid:
    """The rules, or the refusal with everything that it must say; any other exception fails the test."""
    try:
        return parse_plan(text, "odd.toml", is_published)
    except PlanFileInvalid as error:
        with translation.override("en"):
            for problem in error.problems:
                _check(problem, text)
        return error


def _check(problem: PlanFileInvalid, text: str) -> None:
    said = str(problem)
    assert said.startswith("odd.toml")
    assert "Allowed: " in said
    assert len(str(problem.allowed)) > 2
    if not problem.key:
        assert problem.line is None or 1 <= problem.line <= len(text.split("\n"))
        return
    shown = "".join(letter for letter in problem.key if letter.isprintable())
    assert f"key {shown}: " in said
    # Only of a key that the file has nowhere, at its top level, there is no line to tell.
    top = re.split(r"[.\[]", problem.key)[0]
    if problem.line is None:
        assert top not in _content(text)
    else:
        assert f"line {problem.line}, " in said
        assert 1 <= problem.line <= len(text.split("\n"))


def _content(text: str) -> dict[str, Any]:
    return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(SOURCES), st.data())
def test_a_value_of_any_kind(source: str, data: st.DataObject) -> None:
    found = data.draw(st.sampled_from(list(ASSIGNED.finditer(source))))
    value = data.draw(odd_values)
    text = f"{source[: found.start(2)]}{value}{source[found.end(2) :]}"
    outcome(text)
    outcome(text, is_published=True)
    assert len(code_in(text)) <= 40


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SOURCES), st.data())
def test_a_key_of_any_letters_where_none_belongs(source: str, data: st.DataObject) -> None:
    found = data.draw(st.sampled_from(list(ASSIGNED.finditer(source))))
    key = data.draw(odd_keys)
    text = f"{source[: found.start()]}{key} = {data.draw(odd_values)}\n{source[found.start() :]}"
    assert isinstance(outcome(text), PlanFileInvalid)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SOURCES), st.data())
def test_keys_that_go(source: str, data: st.DataObject) -> None:
    needed = [found for found in ASSIGNED.finditer(source) if not found[0].startswith(MAY_BE_LEFT_OUT)]
    gone = data.draw(st.sets(st.sampled_from(needed), min_size=1, max_size=3))
    text = source
    for found in sorted(gone, key=lambda match: -match.start()):
        text = text[: found.start()] + text[found.end() + 1 :]
    assert isinstance(outcome(text), PlanFileInvalid)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SOURCES), odd_texts, st.integers(0, 10**6))
def test_letters_that_somebody_slips_in(source: str, slip: str, at: int) -> None:
    at %= len(source)
    outcome(source[:at] + slip + source[at:])


@settings(max_examples=40, deadline=None)
@given(odd_texts)
def test_a_text_that_is_no_plan_at_all(text: str) -> None:
    assert isinstance(outcome(text), PlanFileInvalid)
    assert code_in(text) == ""


@pytest.mark.parametrize("source", SOURCES)
def test_what_stands_between_lines_does_not_move_the_line_that_is_told(source: str) -> None:
    """A letter that ends a line for Python, but not for TOML, in a comment on the first line."""
    text = f"# a\u2028b\x85c\n{source}".replace("grace_days =", "grace =", 1)
    error = outcome(text)
    assert isinstance(error, PlanFileInvalid)
    assert {problem.key for problem in error.problems} == {"arrears.grace_days", "arrears.grace"}
    unknown = next(problem for problem in error.problems if problem.key == "arrears.grace")
    assert unknown.line is not None
    assert text.split("\n")[unknown.line - 1].startswith("grace =")
