"""Periods as a plan published them: reading a row of totals, and computing what each member paid."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from allocation.rules.shares import AidedClaim, Allocation, Cohort, allocate, terms_of
from members.errors.money import AmountInvalid
from members.rules.dates import start_of_day
from members.rules.money import format_minor, parse_major
from members.rules.plans import PlanRules, version_in_force
from pages.words import listed

FIELDS = ("plan", "on", "members", "aided", "surplus")
AIDED_FIELDS = ("amount", "count")
MOST_DIGITS = 15
"""Longer figures are typing errors, not money."""
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?(?:[T ](.+))?")
_WHOLE = re.compile(r"[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+")
Value = TypeVar("Value")


class NotAList(ValueError):
    """The file does not contain a list of periods; the text says why."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one field of one row (counted from 1), and what is allowed there."""

    row: int
    field: str
    problem: str
    allowed: str

    def __str__(self) -> str:
        return _("Row %(row)s, field “%(field)s”: %(problem)s. Allowed: %(allowed)s.") % {
            "row": self.row,
            "field": self.field,
            "problem": self.problem,
            "allowed": self.allowed,
        }


class RowInvalid(Exception):
    """A row that cannot be computed, with every problem found in it."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class _Wrong(Exception):
    """A value that is not allowed in its field: the problem, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A published period computed: the row, the plan version that was used and why, and the allocation."""

    row: int
    on: str
    rules: PlanRules
    allocation: Allocation
    notes: tuple[str, ...]

    @property
    def per_member_minor(self) -> int:
        """What one member pays who has paid nothing yet this calendar year: the share, up to the year's cap."""
        return max((line.per_member_minor for line in self.allocation.cohorts), default=0)

    @property
    def waiting_aid_minor(self) -> int:
        """Aid that waits for the next notice because nobody was counted."""
        return sum(claim.aid_minor * claim.count for claim in self.allocation.waiting)


class _Object(dict[str, Any]):
    """A JSON object that remembers which of its names were given twice."""

    def __init__(self, pairs: Iterable[tuple[str, Any]]) -> None:
        given = list(pairs)
        super().__init__(given)
        self.repeated = sorted(name for name, times in Counter(name for name, _value in given).items() if times > 1)


def read_rows(content: bytes) -> list[Any]:
    """The rows of a JSON file, with decimals kept exact. Raises NotAList with one clear line."""
    # Decimal, and no NaN or Infinity: a float would round an amount before it is checked.
    try:
        rows = json.loads(
            content.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_Object,
        )
    except UnicodeDecodeError as error:
        raise NotAList(_("not UTF-8 text (byte %(at)s)") % {"at": error.start}) from None
    except json.JSONDecodeError as error:
        at = {"line": error.lineno, "column": error.colno, "problem": error.msg}
        raise NotAList(_("not valid JSON: line %(line)s, column %(column)s: %(problem)s") % at) from None
    except (ValueError, ArithmeticError) as error:
        raise NotAList(_("not valid JSON: %(problem)s") % {"problem": error}) from None
    except RecursionError:
        raise NotAList(_("not valid JSON: nested too deeply")) from None
    if not isinstance(rows, list):
        raise NotAList(_("not a list of periods: the file must start with [ and contain one object for each period"))
    return rows


def _refuse_constant(name: str) -> Any:
    raise ValueError(_("%(name)s is not a number") % {"name": name})


def replay_row(number: int, row: Any, plans: Mapping[str, Sequence[PlanRules]]) -> Replayed:
    """Compute one published period (amounts in the currency's major unit) with the plan version in force at it.

    `number` counts from 1; `plans` are all versions by plan code. Every member counts as one who has paid nothing yet
    this calendar year. Raises RowInvalid.
    """
    if not isinstance(row, dict):
        allowed = _('an object such as {"plan": "xhb", "on": "2019-12-21", "members": 1, "aided": []}')
        raise RowInvalid([RowProblem(number, "-", _("the row is not an object"), allowed)])
    return _Row(number, row, plans).replay()


class _Row:
    """One row being read; problems are collected so that all of them are reported at once."""

    def __init__(self, number: int, row: dict[str, Any], plans: Mapping[str, Sequence[PlanRules]]) -> None:
        self.number, self.row, self.plans = number, row, plans
        self.problems: list[RowProblem] = []
        self.notes: list[str] = []

    def replay(self) -> Replayed:
        """The period computed. Raises RowInvalid."""
        self._names(self.row, FIELDS, "")
        versions = self._field("plan", lambda value: find_plan(value, self.plans))
        rules = self._field("on", lambda value: self._version(value, versions))
        members = self._field("members", _whole)
        claims = self._aided(rules)
        surplus_minor = self._field("surplus", lambda value: 0 if value is None else _amount(value, rules, 0))
        if self.problems or rules is None or members is None or surplus_minor is None:
            raise RowInvalid(self.problems)
        allocation = allocate(claims, [Cohort("all", members)], terms_of(rules), surplus_minor)
        self._add_notes(allocation, rules)
        return Replayed(self.number, self.row["on"], rules, allocation, tuple(self.notes))

    def _names(self, found: dict[str, Any], known: Sequence[str], prefix: str) -> None:
        """A name given twice is a problem; an unknown one is reported, never silently dropped."""
        for name in found.repeated if isinstance(found, _Object) else ():
            self._problem(prefix + name, _("is given twice"), _("each field once"))
        unknown = [prefix + name for name in found if name not in known]
        if unknown:
            self.notes.append(_("not used: %(names)s") % {"names": listed(unknown)})

    def _problem(self, field: str, problem: str, allowed: str) -> None:
        self.problems.append(RowProblem(self.number, field, problem, allowed))

    def _field(
        self, name: str, read: Callable[[Any], Value], group: dict[str, Any] | None = None, at: str = ""
    ) -> Value | None:
        """The field's value as `read` understands it; None where it is missing or wrong, with the problem noted."""
        found = self.row if group is None else group
        try:
            return read(found.get(name))
        except _Wrong as wrong:
            problem, allowed = wrong.args
            self._problem(at + name, problem if name in found else _("is missing"), allowed)
            return None

    def _version(self, on: Any, versions: Sequence[PlanRules] | None) -> PlanRules | None:
        if versions is None:
            _span(on, "UTC")
            return None
        rules, note = version_on(on, versions)
        if note:
            self.notes.append(note)
        return rules

    def _aided(self, rules: PlanRules | None) -> list[AidedClaim]:
        """The aided claims; equal ones stay together."""
        groups = self._field("aided", _list_of_groups)
        claims = []
        for index, group in enumerate(groups or []):
            at = f"aided[{index + 1}]"
            if not isinstance(group, dict):
                self._problem(at, _("is not an object"), _('an object such as {"amount": 300000, "count": 14}'))
                continue
            self._names(group, AIDED_FIELDS, f"{at}.")
            count = self._field("count", _whole, group, f"{at}.")
            amount = self._field("amount", lambda value: _amount(value, rules, 1), group, f"{at}.")
            if rules is not None and count is not None and amount is not None:
                claims.append(AidedClaim(at, amount, rules.fee_bp, count))
        return claims

    def _add_notes(self, allocation: Allocation, rules: PlanRules) -> None:
        """Note what a reader of the figures must know."""
        if allocation.is_waiting:
            self.notes.append(_("no members: the claims wait for the next notice"))
        if allocation.case_cap_excess_minor:
            self.notes.append(
                _("the cap of %(cap)s per case and member is reached: the sponsor bears %(rest)s")
                % {
                    "cap": plain_amount(rules.case_cap_minor_per_head or 0, rules),
                    "rest": plain_amount(allocation.case_cap_excess_minor, rules),
                }
            )
        if allocation.year_cap_shortfall_minor:
            self.notes.append(
                _("no member pays more than %(cap)s in the calendar year: the sponsor bears %(rest)s")
                % {
                    "cap": plain_amount(rules.annual_cap_minor or 0, rules),
                    "rest": plain_amount(allocation.year_cap_shortfall_minor, rules),
                }
            )


def plain_amount(amount_minor: int, rules: PlanRules) -> str:
    """An amount of the plan's currency in digits alone, thousands grouped."""
    return format_minor(amount_minor, "", rules.currency_exponent).strip()


def find_plan(name: Any, plans: Mapping[str, Sequence[PlanRules]]) -> Sequence[PlanRules]:
    """All versions of the plan with this code, or with this title in English or Chinese (or a part only it has)."""
    known = listed(f"{code} ({versions[-1].title.zh})" for code, versions in sorted(plans.items()))
    if not isinstance(name, str) or not name.strip():
        raise _Wrong(_("is not the code or the name of a plan"), known)
    if name in plans:
        return plans[name]
    wanted = _letters(name)
    titles = {
        code: {_letters(v.title.en) for v in vs} | {_letters(v.title.zh) for v in vs} for code, vs in plans.items()
    }
    exact = [code for code, its in titles.items() if wanted in its or wanted == _letters(code)]
    partly = [code for code, its in titles.items() if len(wanted) > 1 and any(wanted in title for title in its)]
    for found in (exact, partly):
        if len(found) == 1:
            return plans[found[0]]
    problem = _("“%(name)s” matches several plans") if exact or partly else _("there is no plan “%(name)s”")
    raise _Wrong(problem % {"name": name[:40]}, known)


def _letters(text: str) -> str:
    """The letters and digits of a name, so that blanks, dots and capitals make no difference."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def version_on(on: Any, versions: Sequence[PlanRules]) -> tuple[PlanRules, str]:
    """The version in force at a day (00:00 of it, when members are counted), month (its first day) or moment.

    If none is in force yet and the plan's first version starts later in that day or month, it is that one. The second
    value says so in words, and also if another version starts within the day or month; otherwise it is empty.
    """
    ordered = sorted(versions, key=lambda rules: rules.starts_at)
    starts_at, ends_at = _span(on, ordered[0].timezone)
    rules = version_in_force(ordered, starts_at)
    inside = [later for later in ordered if starts_at < later.starts_at < ends_at]
    if rules is None and not inside:
        first = ordered[0]
        raise _Wrong(
            _("plan %(plan)s had no rules yet on %(on)s") % {"plan": first.code, "on": on},
            _("from %(first)s on") % {"first": _local(first)},
        )
    if rules is None:
        rules = inside.pop(0)
        return rules, _("the plan's first rules start at %(at)s and were used") % {"at": _local(rules)}
    if inside:
        return rules, _("the rules in force at the start were used; version %(version)s starts at %(at)s") % {
            "version": inside[0].version,
            "at": _local(inside[0]),
        }
    return rules, ""


def _local(rules: PlanRules) -> str:
    """When a version starts, in its own zone."""
    return rules.starts_at.astimezone(ZoneInfo(rules.timezone)).strftime("%Y-%m-%d %H:%M")


def _span(on: Any, timezone: str) -> tuple[datetime, datetime]:
    """The first moment of what the text names, and the first moment after it; a moment spans nothing."""
    match = _DAY.fullmatch(on.strip()) if isinstance(on, str) else None
    try:
        if match is None:
            raise ValueError
        year, month, day, clock = match.groups()
        if clock is not None:
            moment = datetime.fromisoformat(on.strip())
            moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))
            return moment, moment
        first = date(int(year), int(month), int(day or 1))
        after = first + timedelta(days=1) if day else (first + timedelta(days=31)).replace(day=1)
        return start_of_day(first, timezone), start_of_day(after, timezone)
    except (ValueError, OverflowError):
        shown = on[:40] if isinstance(on, str) else type(on).__name__
        raise _Wrong(
            _("“%(on)s” is not a day") % {"on": shown},
            _("a day YYYY-MM-DD, a month YYYY-MM, or a moment YYYY-MM-DDThh:mm"),
        ) from None


def _number(value: Any) -> Decimal | None:
    """A JSON number as an exact decimal; None for anything else, and for figures that are too long."""
    # A truth value is an int in Python, but not a number in a file.
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    is_short = number.adjusted() < MOST_DIGITS and len(number.as_tuple().digits) <= 2 * MOST_DIGITS - 2
    return number if is_short else None


def _whole(value: Any) -> int:
    """A count: digits, with thousands grouped or not, or a number without a fraction."""
    is_digits = isinstance(value, str) and _WHOLE.fullmatch(value.strip())
    number = _number(Decimal(value.strip().replace(",", "")) if is_digits else value)
    if number is None or number < 0 or number != number.to_integral_value():
        raise _Wrong(_shown(value), _("a whole number of 0 or more, such as 3876000"))
    return int(number)


def _amount(value: Any, rules: PlanRules | None, at_least_minor: int) -> int:
    """An amount in the major unit, as minor units of the plan's currency; exact or refused.

    Without rules (the row has already failed) two decimal places are assumed, so that its other errors are reported
    too.
    """
    exponent = rules.currency_exponent if rules else 2
    minor: Decimal | int | None
    if isinstance(value, str):
        try:
            minor = _number(parse_major(value[:40], exponent))
        except AmountInvalid:
            minor = None
    else:
        number = _number(value)
        minor = None if number is None else number.scaleb(exponent)
    if minor is None or minor < at_least_minor or minor != int(minor):
        allowed = _(
            'an amount of %(least)s or more with at most %(places)s decimal places, such as 300000 or "300,000.50"'
        )
        least = format_minor(at_least_minor, "", exponent).strip()
        raise _Wrong(_shown(value), allowed % {"least": least, "places": exponent})
    return int(minor)


def _list_of_groups(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise _Wrong(_shown(value), _('a list such as [{"amount": 300000, "count": 14}]; [] if nobody was aided'))


def _shown(value: Any) -> str:
    """The value as it was written, shortened."""
    if isinstance(value, list | dict):
        return _("an object or a list is not allowed here")
    text = json.dumps(value) if value is None or isinstance(value, bool) else str(value)
    return _("“%(value)s” is not allowed") % {"value": text[:40]}
