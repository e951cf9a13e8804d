"""docs/plans.md names every key that a plan file has, with exactly what the reader allows there."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from members.errors.plans import PlanFileInvalid
from members.rules import plan_toml
from members.rules.plan_reader import Reader

from .plan_files import FOLDER, XHB_2020, parsed

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "plans.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z0-9_.]+)` \| ([^|]+) \| ([^|]+) \|$", re.M)
DOCUMENTED = {key: (meaning.strip(), allowed.strip()) for key, meaning, allowed in ROW.findall(PAGE)}
CONTENT = tomllib.loads(XHB_2020.source) | {"format": 1, "revision": 1}
LANGUAGES = re.compile(r"\.(en|zh)$")
CELLS = re.compile(r"^(decision_table\.\w+)\.\w+$")


def keys() -> set[str]:
    """Every key of a file: tables and the two languages of a text left out, a row of the decision table as one."""
    asked = plan_toml.asked_keys(XHB_2020.source)
    found = {CELLS.sub(r"\1", LANGUAGES.sub("", key)) for key in asked}
    return {key for key in found if not any(other.startswith(f"{key}.") for other in found)}


def steps(key: str) -> list[str]:
    """The way to the value that is put to the test: of a text its English, of a row its first cell."""
    if key.startswith("decision_table."):
        return [*key.split("."), "confirmed"]
    return [*key.split("."), "en"] if f"{key}.en" in plan_toml.asked_keys(XHB_2020.source) else key.split(".")


def first_with(entries: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """The first entry of a list that has a key; not every entry has one that may be left out."""
    return next(entry for entry in entries if key in entry)


def problems(key: str, value: Any) -> Iterator[PlanFileInvalid]:
    """What the reader finds wrong where one value stands in the file of 2020 instead of its own."""
    content = copy.deepcopy(CONTENT)
    place: Any = content
    way = steps(key)
    for number, step in enumerate(way[:-1]):
        place = place[step]
        place = first_with(place, way[number + 1]) if isinstance(place, list) else place
    place[way[-1]] = value
    reader = Reader(content, "x.toml")
    plan_toml._plan(reader, "")
    wanted = ".".join(way)
    for problem in reader.problems:
        if re.sub(r"\[[0-9]+\]", "", problem.key) == wanted:
            yield problem


def allowed_at(key: str) -> str:
    """What the reader says is allowed at a key, in English."""
    value: Any = CONTENT
    way = steps(key)
    for number, step in enumerate(way):
        value = value[step]
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value = first_with(value, way[number + 1])
    with translation.override("en"):
        for probe in (["!"] if isinstance(value, list) else "!", 1.5):
            for problem in problems(key, probe):
                said = str(problem.allowed)
                is_number = said.startswith(("a whole", "an amount")) and not isinstance(value, list)
                # “none” may stand there, if not always: what is refused then is no matter of the number.
                takes_none = is_number and all(str(one.allowed) != said for one in problems(key, "none"))
                return f"{said}, or “none”" if takes_none else said
    raise AssertionError(f"nothing is wrong at {key}")


def test_every_key_is_documented_and_no_other() -> None:
    assert len(keys()) > 60
    assert set(DOCUMENTED) == keys()


@pytest.mark.parametrize("key", sorted(keys()))
def test_what_is_allowed_is_what_the_reader_says(key: str) -> None:
    meaning, allowed = DOCUMENTED[key]
    assert allowed == allowed_at(key)
    assert len(meaning) > 10


def test_the_example_of_the_page_is_the_one_that_is_shipped() -> None:
    [name] = re.findall(r"members/plan_files/examples/([\w.-]+\.toml)", PAGE)[:1]
    rules = parsed((FOLDER / "examples" / name).read_text(encoding="utf-8"))
    assert (rules.currency, rules.timezone) == ("EUR", "Europe/Berlin")
