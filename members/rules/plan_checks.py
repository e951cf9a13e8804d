"""What a whole plan file must meet before it is published, beyond what each key allows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from members.rules.icd10_ranges import overlap, precision
from members.rules.plan_reader import Reader
from members.rules.plan_types import CLAUSES, PlanRules


def check_publishable(reader: Reader, rules: PlanRules) -> None:
    """What a text must meet to be published: a later release may ask for more, and must not refuse what is published.

    A rule that the service would not follow must not be published; who reads one as published gets what it says.
    """
    if rules.jury.bench == "open":
        reader.refuse("jury.bench", "open", _("“drawn”: a vote of every qualified juror cannot be held yet"))
    if not reader.problems:
        _check_whole(reader, rules)


def _check_whole(reader: Reader, rules: PlanRules) -> None:
    """What no single key can tell: names used twice, bands and ranges that overlap, clauses without a reason."""
    for number, way in enumerate(rules.join.ways_in, start=1):
        if way.plan == rules.code:
            reader.refuse(f"joining.from[{number}].plan", way.plan, _("another plan than this one"))
        if way.asks_health and not rules.join.health_questions:
            reader.refuse(
                f"joining.from[{number}].asks_health_statement",
                "true",
                _("true only where [[joining.health_questions]] are asked"),
            )
    reader.refuse_twice("covered", [condition.code for condition in rules.covered])
    reader.refuse_twice("excluded", [condition.code for condition in rules.excluded])
    reader.refuse_twice("reasons", [reason.code for reason in rules.reason_codes])
    for number, band in enumerate(rules.aid, start=1):
        for other in rules.aid[number:]:
            if band.severity == other.severity and band.age_from <= other.age_to and other.age_from <= band.age_to:
                ages = f"{band.severity}, {max(band.age_from, other.age_from)}"
                reader.refuse(f"aid[{number}]", ages, _("one amount for each age and severity"))
    ranges = [(condition.code, part) for condition in rules.covered for part in condition.icd10]
    for number, (code, part) in enumerate(ranges):
        for other_code, other_part in ranges[number + 1 :]:
            # A longer code inside a shorter one is clear (the longer decides); two of one length are not.
            if overlap(part, other_part) and precision(part) == precision(other_part):
                shown = f"{part} ({code}), {other_part} ({other_code})"
                reader.refuse("covered", shown, _("each ICD-10 code in one condition only"))
    _check_sponsor(reader, rules)
    _check_free_time(reader, rules)
    _check_past_age(reader, rules)
    deciding = {reason.code for reason in rules.reasons_for("rejected")}
    missing: list[Any] = [clause for clause in CLAUSES if clause not in deciding]
    if missing:
        reader.refuse("reasons", ", ".join(missing), _("a reason for “rejected” for every clause"), missing=True)


def _check_free_time(reader: Reader, rules: PlanRules) -> None:
    """A free time has both ends, begins its count on a notice day, and is borne by the sponsor as a gift."""
    before, until = rules.free_joined_before, rules.free_until
    if (before is None) != (until is None):
        key, given = ("free_until", until) if until is None else ("free_joined_before", before)
        reader.refuse(f"money.{key}", given or "none", _("both “free_joined_before” and “free_until”, or “none” twice"))
    elif before is not None and until is not None:
        if before.day not in rules.calendar.notice_days:
            allowed = _("a notice day of the plan, since members are counted at 00:00 of a notice day: %(days)s")
            days = ", ".join(str(day) for day in rules.calendar.notice_days)
            reader.refuse("money.free_joined_before", before, allowed % {"days": days})
        if not rules.sponsor.gives_shares:
            allowed = _("“gifts” among what the sponsor bears, or no free time")
            reader.refuse("money.free_joined_before", before, allowed)


def _check_past_age(reader: Reader, rules: PlanRules) -> None:
    """The plan that is named to members past the age is another one."""
    if rules.past_age.senior_plan == rules.code:
        reader.refuse("past_age.senior_plan", rules.code, _("another plan than this one"))


def _check_sponsor(reader: Reader, rules: PlanRules) -> None:
    """Whatever the plan leaves uncovered falls on the sponsor, since nobody else can bear it.

    Aid is paid in full at the charge. What members do not pay of it cannot wait for the next period: the surplus would
    be negative, a debt that nobody bears.
    """
    must = {
        "case_cap_excess": rules.case_cap_minor_per_head is not None,
        "annual_cap_excess": rules.annual_cap_minor is not None,
        "refunds": True,
        "written_off": True,
        "after_dissolution": rules.dissolution.below_members is not None,
    }
    for word, is_borne in must.items():
        if is_borne and word not in rules.sponsor.bears:
            allowed = _("“%(word)s” among what the sponsor bears: nobody else can, and no later period")
            reader.refuse("sponsor.bears", word, allowed % {"word": word}, missing=True)
