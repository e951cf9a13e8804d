"""What was published is read by every later release as it was meant, and its digest stays."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from members.errors.plans import PlanFileInvalid
from members.rules.differences import differences
from members.rules.plan_later_keys import CURRENT_FORMAT, LATER_KEYS
from members.rules.plan_waits import WaitRules
from members.rules.plans import PastAgeRules, PlanRules, parse_plan

from .plan_files import FOLDER, SHIPPED, XHB_2020, changed, parsed
from .published_plans import PublishedPlan, published_plans

EXAMPLE = (FOLDER / "examples" / "craft-berlin-2024-01-01.toml").read_text(encoding="utf-8")
BEFORE_SPONSORS = "e69d7b6"
"""A release from before a file could say who its sponsor is, whose members may move in, and what ends a plan."""
BEFORE_ANSWERS = "ba5a383"
"""A release from before a file could say how long an applicant may ask for the jury."""


def kept(commit: str, file: str) -> PublishedPlan:
    [found] = [one for one in published_plans() if (one.commit, one.file) == (commit, f"{file}.toml")]
    return found


FIRST_REVISION = [
    one.text for one in published_plans() if one.file == "xhb-2020-01-01.toml" and "\nrevision = " not in one.text
][-1]
"""The file of 2020 as it was before it was corrected."""


def read(one: PublishedPlan) -> PlanRules:
    return parse_plan(one.text, one.file, is_published=True)


def canonical(rules: PlanRules) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rules.canonical_json)
    return found


@pytest.mark.parametrize("one", published_plans(), ids=str)
def test_a_published_text_gives_the_digest_that_its_release_stored(one: PublishedPlan) -> None:
    assert read(one).text_digest == one.digest


def test_every_way_of_writing_that_a_release_had_is_among_them() -> None:
    assert len(published_plans()) >= 24
    lacking = [sorted(place for place, _at in read(one).unsaid) for one in published_plans()]
    shipped = [sorted(place for place, _at in rules.unsaid) for rules in SHIPPED.values()]
    for key in LATER_KEYS:
        assert any(key.kept_as in places for places in lacking), key.path
        if key.path != "covered.asks":
            assert any(key.kept_as not in places for places in [*lacking, *shipped]), key.path
    # A key of single entries: every file has some that leave it out.
    assert any(condition.asks for rules in SHIPPED.values() for condition in rules.covered)


def test_what_a_text_leaves_unsaid_has_its_meaning_and_no_trace() -> None:
    rules = read(kept(BEFORE_SPONSORS, "xhb-2018-11-27"))
    assert (rules.share_unit_minor, rules.share_rounding, rules.jury.answer_days) == (1, "up", None)
    assert rules.sponsor.bears == ("case_cap_excess", "gifts", "refunds", "written_off", "after_dissolution")
    assert (rules.dissolution.then, rules.dissolution.cover_months) == ("continues", 12)
    assert (rules.dissolution.surplus_to, rules.dissolution.charity) == ("members", None)
    assert rules.join.ways_in == ()
    said = canonical(rules)
    assert not {"share_unit_minor", "share_rounding", "sponsor", "dissolution", "format", "revision"} & said.keys()
    assert said["dissolution_below_members"] == 3_300_000
    assert not {"answer_days"} & said["jury"].keys()
    assert not {"ways_in"} & said["join"].keys()
    assert rules.whole["jury"]["answer_days"] is None
    assert rules.whole["dissolution"]["below_members"] == 3_300_000


def test_there_are_fifteen_days_to_answer_where_the_text_is_older_than_that_key() -> None:
    rules = read(kept("13d05ab", "craft-berlin-2024-01-01"))
    assert (rules.jury.policy, rules.jury.answer_days) == ("disputed", 15)
    assert "answer_days" not in canonical(rules)["jury"]


def test_an_empty_list_that_a_text_could_give_stands_in_its_canonical_form() -> None:
    [rules] = [rules for rules in SHIPPED.values() if rules.code == "xhb-mutual"]
    assert canonical(rules)["join"]["ways_in"] == []


def test_the_digest_of_a_published_version_is_the_stored_one_whatever_is_computed() -> None:
    stored = replace(XHB_2020, published_digest="ab" * 32)
    assert stored.digest == "ab" * 32
    assert stored.text_digest == XHB_2020.digest == XHB_2020.text_digest
    assert stored == XHB_2020


def test_a_text_says_the_same_in_another_format_and_revision() -> None:
    old = read(kept(BEFORE_ANSWERS, "xhb-2020-01-01"))
    claims, opinions = replace(XHB_2020.claims, binding=()), replace(XHB_2020.opinions, sees_papers=False)
    covered = tuple(replace(condition, asks=None) for condition in XHB_2020.covered)
    as_before = replace(
        XHB_2020, claims=claims, opinions=opinions, covered=covered, past_age=PastAgeRules(), waits=WaitRules()
    )
    assert old.says_the_same_as(as_before)
    assert old.says_the_same_as(replace(as_before, revision=7, format=1))
    assert not old.says_the_same_as(XHB_2020)
    assert not old.says_the_same_as(replace(XHB_2020, fee_bp=801))


def test_the_first_format_and_revision_need_not_be_said_and_leave_no_trace() -> None:
    unsaid = parsed(FIRST_REVISION)
    said = parsed("format = 1\nrevision = 1\n" + FIRST_REVISION)
    assert said == unsaid
    assert said.digest == unsaid.digest


def test_a_later_revision_is_told_apart() -> None:
    corrected = parsed(changed("revision = 3", "revision = 4"))
    assert corrected.revision == 4
    assert canonical(corrected)["revision"] == 4
    assert corrected.digest != XHB_2020.digest
    assert [one.sentence.en for one in differences(XHB_2020, corrected)] == ["Revision of the file: 3 → 4"]


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("format", "0", f"a whole number from 1 to {CURRENT_FORMAT}"),
        ("format", str(CURRENT_FORMAT + 1), f"a whole number from 1 to {CURRENT_FORMAT}"),
        ("format", "true", f"a whole number from 1 to {CURRENT_FORMAT}"),
        ("format", '"1"', f"a whole number from 1 to {CURRENT_FORMAT}"),
        ("revision", "0", "a whole number from 1 to 999"),
        ("revision", "1000", "a whole number from 1 to 999"),
        ("revision", "1.0", "a whole number from 1 to 999"),
    ],
)
def test_what_is_no_format_and_no_revision_is_refused(key: str, value: str, allowed: str) -> None:
    with pytest.raises(PlanFileInvalid) as caught:
        parsed(changed(f"{key} = 3\n", f"{key} = {value}\n"))
    with translation.override("en"):
        assert [(one.key, str(one.allowed)) for one in caught.value.problems] == [(key, allowed)]


def test_what_may_be_published_is_not_asked_of_what_is_published() -> None:
    """A release that asks for more, as for a reason for a new clause, still reads what was published before it."""
    without_a_reason = changed('code = "other_claim"', 'code = "other_claims"')
    with pytest.raises(PlanFileInvalid) as caught:
        parsed(without_a_reason)
    assert caught.value.key == "reasons"
    assert parse_plan(without_a_reason, "old.toml", is_published=True).fee_bp == 800


def test_formats_are_counted_from_one_without_a_gap() -> None:
    assert {key.format for key in LATER_KEYS} == set(range(1, CURRENT_FORMAT + 1))
    assert [key.format for key in LATER_KEYS] == sorted(key.format for key in LATER_KEYS)
    assert len({key.path for key in LATER_KEYS}) == len(LATER_KEYS)
