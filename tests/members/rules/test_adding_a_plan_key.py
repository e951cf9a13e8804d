"""Adding a key to plan files is one declaration and the line that reads it, and no published digest changes.

The change is really made, in a copy of the code, as docs/plans.md describes it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .plan_files import FOLDER, SHIPPED
from .published_plans import published_plans

BASE_DIR = FOLDER.parents[1]
EDITS = {
    "members/rules/plan_later_keys.py": [
        (
            '    LaterKey(path="jury.answer_days"',
            '    LaterKey(path="claims.appeal_days", kept_as="claims.appeal_days", format=4, means=lambda _: 30),\n'
            '    LaterKey(path="aid.is_shared", kept_as="aid.is_shared", format=4, means=lambda _: False),\n'
            '    LaterKey(path="jury.motto", kept_as="jury.motto", format=4, means=None),\n'
            '    LaterKey(path="jury.answer_days"',
        )
    ],
    "members/rules/plan_types.py": [
        ("    investigation_warning_days: int\n", "    investigation_warning_days: int\n    appeal_days: int\n"),
        ("    amount_minor: int\n    clause: str\n", "    amount_minor: int\n    clause: str\n    is_shared: bool\n"),
        ("    lookup_limit: int\n", "    lookup_limit: int\n    motto: str | None\n"),
    ],
    "members/rules/plan_toml.py": [
        (
            '        failed_clause_rejects=reader.flag("failed_clause_rejects"),\n',
            '        failed_clause_rejects=reader.flag("failed_clause_rejects"),\n'
            '        appeal_days=reader.whole("appeal_days", 0, 365),\n',
        ),
        (
            '        amount_minor=reader.amount("amount", exponent),\n',
            '        amount_minor=reader.amount("amount", exponent),\n        is_shared=reader.flag("is_shared"),\n',
        ),
        (
            "        fresh_seats=fresh_seats,\n",
            '        fresh_seats=fresh_seats,\n        motto=reader.choice_if_given("motto", ("fair", "calm")),\n',
        ),
    ],
}
"""The three keys: one of a table, one of every entry of a list, and one that may be left out."""
READING = """
import json, sys
from django.conf import settings
settings.configure(USE_I18N=False)
from members.errors.plans import PlanFileInvalid
from members.rules.plans import parse_plan

def read(one):
    try:
        rules = parse_plan(one["text"], "x.toml", is_published=one["is_published"])
    except PlanFileInvalid as error:
        return {"problems": [[each.key, str(each)] for each in error.problems]}
    said = json.loads(rules.canonical_json)
    return {"digest": rules.text_digest, "whole": rules.whole, "said": said}

print(json.dumps([read(one) for one in json.load(sys.stdin)]))
"""


@pytest.fixture(scope="module")
def later_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of a release with three keys more."""
    root = tmp_path_factory.mktemp("later")
    for room in ("pages", "audit", "members"):
        shutil.copytree(
            BASE_DIR / room, root / room, ignore=shutil.ignore_patterns("locale", "migrations", "__pycache__")
        )
    for name, edits in EDITS.items():
        text = (root / name).read_text(encoding="utf-8")
        for old, new in edits:
            assert text.count(old) == 1, (name, old)
            text = text.replace(old, new)
        (root / name).write_text(text, encoding="utf-8")
    return root


def read(root: Path, *texts: str, is_published: bool) -> list[dict[str, Any]]:
    given = json.dumps([{"text": text, "is_published": is_published} for text in texts])
    run = subprocess.run([sys.executable, "-c", READING], cwd=root, input=given, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    found: list[dict[str, Any]] = json.loads(run.stdout)
    return found


def in_the_next_format(text: str) -> str:
    text = text.replace("format = 3\n", "format = 4\n").replace("[claims]\n", "[claims]\nappeal_days = 10\n")
    return text.replace("\n[[aid]]\n", "\n[[aid]]\nis_shared = true\n")


XHB = SHIPPED["xhb-2020-01-01"].source


def test_what_was_published_before_keeps_its_digest_and_has_the_declared_meaning(later_release: Path) -> None:
    plans = published_plans()
    found = read(later_release, *(one.text for one in plans), is_published=True)
    assert [one["digest"] for one in found] == [one.digest for one in plans]
    for one in found:
        assert one["whole"]["claims"]["appeal_days"] == 30
        assert {band["is_shared"] for band in one["whole"]["aid"]} == {False}
        assert one["whole"]["jury"]["motto"] is None
        assert one["said"].get("format", 1) < 4


def test_the_shipped_files_are_still_files_of_their_format_and_keep_their_digests(later_release: Path) -> None:
    found = read(later_release, *(rules.source for rules in SHIPPED.values()), is_published=False)
    assert [one["digest"] for one in found] == [rules.digest for rules in SHIPPED.values()]


def test_a_file_of_the_new_format_says_every_key_and_its_canonical_form_has_them(later_release: Path) -> None:
    [one] = read(later_release, in_the_next_format(XHB), is_published=False)
    assert one["said"]["format"] == 4
    assert one["said"]["claims"]["appeal_days"] == 10
    assert {band["is_shared"] for band in one["said"]["aid"]} == {True}
    assert "motto" not in one["said"]["jury"]
    [with_motto] = read(
        later_release, in_the_next_format(XHB).replace("[jury]\n", '[jury]\nmotto = "calm"\n'), is_published=False
    )
    assert with_motto["said"]["jury"]["motto"] == "calm"
    assert len({one["digest"], with_motto["digest"], SHIPPED["xhb-2020-01-01"].digest}) == 3


def test_a_file_of_the_new_format_without_one_of_its_keys_is_refused(later_release: Path) -> None:
    [one] = read(later_release, in_the_next_format(XHB).replace("appeal_days = 10\n", ""), is_published=False)
    assert [key for key, _told in one["problems"]] == ["claims.appeal_days"]


def test_a_new_key_in_a_file_of_an_earlier_format_is_refused_with_the_format_to_write(
    later_release: Path,
) -> None:
    [one] = read(later_release, in_the_next_format(XHB).replace("format = 4\n", "format = 3\n"), is_published=False)
    bands = XHB.count("\n[[aid]]\n")
    keys = ["claims.appeal_days", *(f"aid[{number}].is_shared" for number in range(1, bands + 1))]
    assert [key for key, _told in one["problems"]] == keys
    assert one["problems"][0][1].endswith(
        "key claims.appeal_days: is a key of format 4, and this file has format 3. "
        "Allowed: “format = 4” at the top of the file, with every key of it."
    )
