"""The shipped plan versions, and ways of changing one for a test."""

from __future__ import annotations

from pathlib import Path

from members.rules.plans import PlanRules, parse_plan, read_plan_folder

FOLDER = Path(__file__).resolve().parents[3] / "members" / "plan_files"
SHIPPED = {f"{rules.code}-{rules.version}": rules for rules in read_plan_folder(FOLDER)}
MUTUAL = SHIPPED["xhb-mutual-2018-10-16"]
XHB_2018 = SHIPPED["xhb-2018-11-27"]
XHB_2019 = SHIPPED["xhb-2019-01-01"]
XHB_2020 = SHIPPED["xhb-2020-01-01"]
SENIOR = SHIPPED["xhb-senior-2019-05-01"]
XHB = (XHB_2020, XHB_2018, XHB_2019)


def changed(old: str, new: str, rules: PlanRules = XHB_2020) -> str:
    """The file's text with one piece replaced, which must be there."""
    assert old in rules.source, old
    return rules.source.replace(old, new, 1)


def parsed(text: str) -> PlanRules:
    return parse_plan(text, "test.toml")
