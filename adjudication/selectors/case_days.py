"""The days of a claim as its picture and its table show them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from adjudication.models import Claim
from adjudication.rules.case_days import CaseLine, Zone, case_line
from adjudication.rules.facts import FACT_WORDS, STORY, Source
from adjudication.selectors.facts import counting_facts
from members.rules.dates import day_number, local_day
from members.rules.waiting import waiting_line

JOINED, WAIT_OVER, FILED = "joined", "wait_over", "filed"


@dataclass(frozen=True)
class CaseDayRow:
    """One row of the table: number, day, what it is, its day of the wait, where it lies, and who says so."""

    number: int
    on: dt.date
    label: str | Promise
    day_of_wait: int | None
    zone: str
    source: str | Promise


@dataclass(frozen=True)
class CaseDays:
    """The picture and its table."""

    line: CaseLine
    rows: tuple[CaseDayRow, ...]


def case_days(claim: Claim) -> CaseDays:
    """The days that are stated or found, against membership and wait under the claim's rules."""
    rules, membership, facts = claim.plan_version.rules, claim.membership, counting_facts(claim)
    filed_on = local_day(claim.submitted_at, rules.timezone)
    wait = waiting_line(
        rules,
        waits_from=membership.waits_from,
        joined_at=membership.joined_at,
        left_at=membership.left_at,
        now=claim.submitted_at,
    )
    days = [(JOINED, wait.joined_on), (WAIT_OVER, wait.covered_from), (FILED, filed_on)]
    days += [(name.value, dt.date.fromisoformat(facts[name].value)) for name in STORY if facts[name].value]
    line = case_line(
        days,
        begins_on=wait.begins_on,
        wait_ends_on=wait.ends_on,
        suspicion_ends_on=wait.suspicion_ends_on,
        left_on=wait.left_on,
    )
    own = {JOINED: _("Joined"), WAIT_OVER: _("First day after the wait"), FILED: _("Claim filed")}
    rows = tuple(
        CaseDayRow(
            number=day.number,
            on=day.on,
            label=own.get(day.name) or FACT_WORDS[day.name],
            day_of_wait=day_number(wait.begins_on, day.on) if day.on >= wait.begins_on else None,
            zone=_zone(day.zone),
            source=_("The service") if day.name in own else Source(facts[day.name].source).label,
        )
        for day in line.days
    )
    return CaseDays(line, rows)


def _zone(zone: Zone) -> str:
    words = {
        Zone.BEFORE: _("before the membership"),
        Zone.WAIT: _("in the waiting period"),
        Zone.SUSPICION: _("in the days of the clause on suspected tumours"),
        Zone.COVER: _("covered"),
        Zone.AFTER: _("after the membership"),
    }
    return words[zone]
