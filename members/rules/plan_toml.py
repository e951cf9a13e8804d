"""Reading a plan version from its TOML file: everything is required, nothing unknown is let through."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext_lazy as _

from members.errors.plans import PlanFileInvalid
from members.rules import plan_types as types
from members.rules.icd10_ranges import bounds
from members.rules.plan_checks import check_publishable
from members.rules.plan_formats import complete, format_of
from members.rules.plan_later_keys import CURRENT_FORMAT
from members.rules.plan_member_keys import day_or_none, moment_or_none, past_age
from members.rules.plan_reader import LONGEST_TITLE, Reader
from members.rules.plan_waits import WaitRules
from members.rules.toml_lines import key_lines, line_of

__all__ = ["PlanFileInvalid", "asked_keys", "code_in", "parse_plan"]

_CURRENCY = re.compile(r"[A-Z]{3}")
_CODE = re.compile(r"[a-z][a-z0-9_-]*")
_ENTRY = re.compile(r"\[[0-9]+\]")
_AT_LINE = re.compile(r"at line ([0-9]+)")
_LARGEST_UNIT = 1_000
_HIGHEST_REVISION = 999
_ROUNDED_UP = _(
    "only “up”: every started unit is charged, because a share rounded to the nearest could fall short of the aid"
)
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(-[a-z0-9]+)?")


@lru_cache(maxsize=64)
def parse_plan(text: str, filename: str, is_published: bool = False) -> types.PlanRules:
    """The plan version that a file describes; one that `is_published` may lack keys that came after it.

    Raises PlanFileInvalid with file, line, key, problem and what is allowed; its `problems` are all there are.
    What else is checked, beside each key, is what may be published: a text that is published is read as it stands.
    """
    source = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        content = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        # Not TOML, or TOML that Python cannot read: a number of thousands of digits, brackets a thousand deep.
        raise _not_toml(filename, error) from None
    completed = complete(content, is_published=is_published)
    reader = Reader(content, filename)
    for ahead in completed.ahead:
        reader.refuse_ahead(ahead.key, ahead.format, format_of(content))
    rules = replace(_plan(reader, source), unsaid=completed.unsaid)
    reader.refuse_unknown_keys()
    if not is_published:
        check_publishable(reader, rules)
    if reader.problems:
        raise _first_of(reader.problems, source)
    return rules


def asked_keys(text: str) -> set[str]:
    """Every key that a plan file may have, as read from one file; the numbers of list entries are left out."""
    reader = Reader(tomllib.loads(text), "")
    _plan(reader, text)
    return {_ENTRY.sub("", key) for key in reader.asked()}


def code_in(text: str) -> str:
    """The plan's code as far as it can be read from a text that may be no plan file at all; empty where it cannot."""
    try:
        code = tomllib.loads(text.removeprefix("\ufeff")).get("code")
    except (ValueError, RecursionError):
        return ""
    return code if isinstance(code, str) and len(code) <= 40 and _CODE.fullmatch(code) else ""


def _not_toml(filename: str, error: Exception) -> PlanFileInvalid:
    told = _AT_LINE.search(str(error))
    problem = _("is not TOML: %(error)s") % {"error": error}
    line = int(told[1]) if told else None
    invalid = PlanFileInvalid(file=filename, key="", problem=problem, allowed="toml.io", line=line)
    invalid.problems = (invalid,)
    return invalid


def _first_of(problems: list[PlanFileInvalid], source: str) -> PlanFileInvalid:
    """The first problem found, with all of them, each told its line."""
    lines = key_lines(source)
    for problem in problems:
        problem.line = line_of(lines, problem.key)
    problems[0].problems = tuple(problems)
    return problems[0]


def _plan(reader: Reader, source: str) -> types.PlanRules:
    timezone = reader.choice("timezone", sorted(available_timezones()), shown="Asia/Shanghai, UTC, …")
    exponent = reader.whole("currency_exponent", 0, 4, otherwise=4)
    money, waiting = reader.table("money"), reader.table("waiting")
    rules = types.PlanRules(
        code=reader.matching("code", _CODE, "xhb"),
        version=reader.matching("version", _VERSION, "2019-01-01"),
        starts_at=_starts_at(reader, timezone),
        timezone=timezone,
        currency=reader.matching("currency", _CURRENCY, "CNY"),
        currency_exponent=exponent,
        title=reader.both("title", LONGEST_TITLE),
        summary=reader.both("summary"),
        fee_bp=money.percent("fee"),
        case_cap_minor_per_head=money.amount_or_none("case_cap_per_head", exponent),
        annual_cap_minor=money.amount_or_none("annual_cap_per_member", exponent),
        share_unit_minor=_share_unit(money, exponent),
        share_rounding=money.choice("share_rounding", types.SHARE_ROUNDINGS, shown=_ROUNDED_UP),
        sponsor=_sponsor(reader.table("sponsor")),
        waiting_days=waiting.whole("days", 0, 3650),
        waiting_exempts_accident=waiting.flag("accident_is_exempt"),
        suspected_tumour_days=waiting.whole_or_none("suspected_tumour_days", 1, 3650),
        apply_by_days=reader.table("applying").whole("within_days", 1, 3650),
        join=_join(reader.table("joining"), timezone),
        aid=tuple(_band(entry, exponent) for entry in reader.tables("aid", at_least=1)),
        covered=tuple(_covered(entry) for entry in reader.tables("covered", at_least=1)),
        excluded=tuple(_condition(entry) for entry in reader.tables("excluded")),
        calendar=_calendar(reader.table("calendar")),
        claims=_claims(reader.table("claims")),
        waits=_waits(reader.table("waits")),
        jury=_jury(reader.table("jury")),
        opinions=_opinions(reader.table("opinions"), exponent),
        decision_table=_decision_table(reader.table("decision_table")),
        reason_codes=tuple(_reason(entry) for entry in reader.tables("reasons", at_least=1)),
        arrears_grace_days=reader.table("arrears").whole("grace_days", 0, 365),
        dissolution=_dissolution(reader.table("dissolution")),
        free_joined_before=day_or_none(money, "free_joined_before"),
        free_until=day_or_none(money, "free_until"),
        past_age=past_age(reader.table("past_age")),
        source=source,
        format=reader.whole_if_given("format", 1, CURRENT_FORMAT, otherwise=1),
        revision=reader.whole_if_given("revision", 1, _HIGHEST_REVISION, otherwise=1),
    )
    return rules


def _starts_at(reader: Reader, timezone: str) -> datetime:
    """The start as an aware moment; the file writes it as a wall clock in the plan's own zone shows it."""
    moment = reader.take("starts_at")
    if not isinstance(moment, datetime) or moment.tzinfo is not None or not 1900 <= moment.year < 3000:
        reader.refuse("starts_at", moment, _("a day and time in the plan's time zone: 2018-11-27T12:00:00"))
        return datetime.max.replace(tzinfo=UTC)
    return moment.replace(tzinfo=ZoneInfo(timezone))


def _share_unit(money: Reader, exponent: int) -> int:
    unit_minor = money.amount("share_unit", exponent)
    if unit_minor > _LARGEST_UNIT * 10**exponent:
        money.refuse("share_unit", unit_minor, _("at most %(n)s whole units of the currency") % {"n": _LARGEST_UNIT})
    return unit_minor


def _sponsor(reader: Reader) -> types.SponsorRules:
    return types.SponsorRules(
        name=reader.both("name", LONGEST_TITLE), bears=reader.choices("bears", types.BORNE_BY_SPONSOR)
    )


def _dissolution(reader: Reader) -> types.DissolutionRules:
    below = reader.whole_or_none("below_members", 1, 10**10)
    then = reader.choice_or_none("then", types.DISSOLUTION_STEPS)
    if (then is None) != (below is None):
        reader.refuse("then", then or "none", _("what follows if “below_members” is a number, otherwise “none”"))
    months = reader.whole_or_none("cover_months", 1, 120)
    if (months is not None) != (then == "continues"):
        reader.refuse("cover_months", months, _("months if “then” is “continues”, otherwise “none”"))
    surplus_to = reader.choice("surplus_to", types.SURPLUS_RECEIVERS)
    charity = reader.both_or_none("charity", LONGEST_TITLE)
    if (charity is not None) != (surplus_to == "charity"):
        shown = charity.en if charity else "none"
        reader.refuse("charity", shown, _("its name if “surplus_to” is “charity”, otherwise “none”"))
    return types.DissolutionRules(below, then, months, surplus_to, charity)


def _join(reader: Reader, timezone: str) -> types.JoinRules:
    questions = tuple(
        types.HealthQuestion(
            code=entry.matching("code", _CODE, "medicine_30_days"),
            text=entry.both("text"),
            allowed_answer=entry.choice("allowed_answer", ("yes", "no")) == "yes",
        )
        for entry in reader.tables("health_questions")
    )
    reader.refuse_twice("health_questions", [question.code for question in questions])
    ways_in = tuple(_way_in(entry) for entry in reader.tables("from"))
    reader.refuse_twice("from", [way.plan for way in ways_in], "plan")
    return types.JoinRules(
        age_min_days=reader.whole("youngest_days", 0, 365),
        age_min_years=reader.whole("youngest_years", 0, 150),
        age_max_years=reader.whole("oldest_years", 0, 150),
        health_questions=questions,
        ways_in=ways_in,
        closed_from=moment_or_none(reader, "closed_from", timezone),
    )


def _way_in(reader: Reader) -> types.WayIn:
    age_from, age_to = _ages(reader)
    return types.WayIn(
        plan=reader.matching("plan", _CODE, "xhb"),
        kind=reader.choice("kind", types.MOVES),
        age_from=age_from,
        age_to=age_to,
        asks_health=reader.flag("asks_health_statement"),
        counts_wait=reader.flag("counts_wait"),
    )


def _ages(reader: Reader) -> tuple[int, int]:
    ages = reader.wholes("ages", 0, 150)
    if len(ages) != 2 or ages[0] > ages[1]:
        reader.refuse("ages", list(ages), _("first and last age in completed years: [0, 39]"))
        return 0, 0
    return ages[0], ages[1]


def _band(reader: Reader, exponent: int) -> types.AidBand:
    age_from, age_to = _ages(reader)
    return types.AidBand(
        age_from=age_from,
        age_to=age_to,
        severity=reader.choice("severity", types.SEVERITIES),
        amount_minor=reader.amount("amount", exponent),
        clause=reader.text("clause"),
    )


def _condition(reader: Reader) -> types.Condition:
    codes = reader.texts("icd10", at_least=1)
    for code in codes:
        if bounds(code) is None:
            reader.refuse("icd10", code, _("ICD-10 codes and ranges: C00-C97, N18.5"))
    return types.Condition(
        code=reader.matching("code", _CODE, "malignant_tumour"),
        title=reader.both("title", LONGEST_TITLE),
        icd10=codes,
        severities=reader.choices("severities", types.SEVERITIES, at_least=1),
        clause=reader.text("clause"),
        text=reader.both("text"),
    )


def _covered(reader: Reader) -> types.CoveredCondition:
    """A covered condition: beside what an exclusion has, it may ask which disease it is."""
    shared = _condition(reader)
    condition = types.CoveredCondition(
        shared.code, shared.title, shared.icd10, shared.severities, shared.clause, shared.text
    )
    if not reader.has("asks"):
        return condition
    below = reader.table("asks")
    answers = tuple(
        types.Disease(
            code=entry.matching("code", _CODE, "gaucher_disease"),
            text=entry.both("text", LONGEST_TITLE),
            is_covered=entry.flag("covered"),
        )
        for entry in below.tables("answers", at_least=2)
    )
    below.refuse_twice("answers", [answer.code for answer in answers])
    if answers and len({answer.is_covered for answer in answers}) == 1:
        shown = ", ".join(answer.code for answer in answers)
        below.refuse("answers", shown, _("at least one disease that is covered and one that is not"))
    return replace(condition, asks=types.DiseaseQuestion(below.both("text"), answers))


def _calendar(reader: Reader) -> types.Calendar:
    notice_days = reader.wholes("notice_days", 1, 28)
    charge_days = reader.wholes("charge_days", 1, 28)
    if not notice_days or list(notice_days) != sorted(set(notice_days)):
        reader.refuse("notice_days", list(notice_days), _("days of the month, each once and in order: [7, 21]"))
    if len(charge_days) != len(notice_days) or len(set(charge_days)) != len(charge_days):
        reader.refuse("charge_days", list(charge_days), _("one charge day for each notice day: [14, 28]"))
    if set(charge_days) & set(notice_days):
        reader.refuse("charge_days", list(charge_days), _("other days than the notice days: [14, 28]"))
    return types.Calendar(notice_days=notice_days, charge_days=charge_days)


def _claims(reader: Reader) -> types.ClaimRules:
    days = reader.whole("investigation_days", 1, 365)
    return types.ClaimRules(
        failed_clause_rejects=reader.flag("failed_clause_rejects"),
        investigation_days=days,
        investigation_warning_days=reader.whole("investigation_warning_days", 0, days),
        binding=reader.choices("binding", types.CLAUSES),
    )


def _waits(reader: Reader) -> WaitRules:
    return WaitRules(
        take_days=reader.whole_or_none("take_days", 1, 365),
        overdue_days=reader.whole_or_none("overdue_days", 1, 365),
        returns_to_same=reader.whole_or_none("returns_to_same", 1, 9),
        hold_days=reader.whole_or_none("hold_days", 1, 365),
        decide_days=reader.whole_or_none("decide_days", 1, 365),
        note_days=reader.whole_or_none("note_days", 1, 365),
        no_jurors_days=reader.whole_or_none("no_jurors_days", 1, 365),
        no_doctor_days=reader.whole_or_none("no_doctor_days", 1, 365),
    )


def _jury(reader: Reader) -> types.JuryRules:
    seats = reader.whole("seats", 1, 1001)
    if seats % 2 == 0:
        reader.refuse("seats", seats, _("an odd number, so that a full panel cannot tie"))
    policy = reader.choice("policy", types.JURY_POLICIES)
    answer_days = reader.whole_or_none("answer_days", 1, 90)
    if (answer_days is not None) != (policy == "disputed"):
        reader.refuse("answer_days", answer_days, _("days if “policy” is “disputed”, otherwise “none”"))
    bench = reader.choice("bench", types.BENCHES)
    fresh_seats = reader.whole("fresh_seats", 1, 2003)
    if fresh_seats != 2 * seats + 1:
        reader.refuse("fresh_seats", fresh_seats, _("twice the seats and one more: %(n)s") % {"n": 2 * seats + 1})
    return types.JuryRules(
        policy=policy,
        answer_days=answer_days,
        bench=bench,
        seats=seats,
        fresh_seats=fresh_seats,
        quorum=reader.whole("quorum", 1, seats if bench == "drawn" else 10**9),
        extension_hours=reader.whole("extension_hours", 0, 720),
        voting_hours=reader.whole("voting_hours", 1, 720),
        nonce_hours=reader.whole("nonce_hours", 0, 720),
        min_age_years=reader.whole("min_age_years", 18, 150),
        min_tenure_days=reader.whole("min_tenure_days", 0, 3650),
        max_open_seats=reader.whole("max_open_seats", 1, 1000),
        lookup_limit=reader.whole("lookup_limit", fresh_seats, 10**6),
    )


def _opinions(reader: Reader, exponent: int) -> types.OpinionRules:
    triggers = reader.choices("triggers", types.TRIGGERS)
    aid_above_minor = reader.amount_or_none("aid_above", exponent)
    if ("aid_above" in triggers) != (aid_above_minor is not None):
        reader.refuse("aid_above", aid_above_minor, _("an amount if “aid_above” is a trigger, otherwise “none”"))
    questions = tuple(
        types.Question(
            code=entry.matching("code", _CODE, "diagnosis_confirmed"),
            text=entry.both("text"),
            bears_on=entry.choice_if_given("bears_on", types.QUESTION_SUBJECTS),
        )
        for entry in reader.tables("questions", at_least=1 if triggers else 0)
    )
    reader.refuse_twice("questions", [question.code for question in questions])
    return types.OpinionRules(
        triggers=triggers,
        thin_margin_ballots=reader.whole("thin_margin_ballots", 0, 10**6),
        medical_flags=reader.whole("medical_flags", 1, 10**6),
        aid_above_minor=aid_above_minor,
        professionals=reader.whole("professionals", 1, 99),
        hours=reader.whole("hours", 1, 2160),
        questions=questions,
        sees_papers=reader.flag("sees_papers"),
    )


def _decision_table(reader: Reader) -> MappingProxyType[str, MappingProxyType[str, str]]:
    table = {}
    for verdict in types.VERDICTS:
        row = reader.table(verdict)
        cells = {opinion: row.choice(opinion, types.TABLE_OUTCOMES) for opinion in types.OPINIONS}
        table[verdict] = MappingProxyType(cells)
    return MappingProxyType(table)


def _reason(reader: Reader) -> types.ReasonCode:
    return types.ReasonCode(
        code=reader.matching("code", _CODE, "waiting_period"),
        text=reader.both("text"),
        for_outcomes=reader.choices("for", types.DECISION_OUTCOMES, at_least=1),
    )
