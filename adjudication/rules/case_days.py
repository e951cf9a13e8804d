"""The days of an illness against membership and wait: what came when, and where it stands in the picture."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

WIDTH = 1000
MARK = 6


class Zone(StrEnum):
    """Where a day lies."""

    BEFORE = "before"
    WAIT = "wait"
    SUSPICION = "suspicion"
    COVER = "cover"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class CaseDay:
    """One day of the case: its name, its place in the picture, and where it lies."""

    name: str
    on: dt.date
    number: int
    """Its number in the picture and in the table, from 1 in the order of the days."""
    zone: Zone
    x: int


@dataclass(frozen=True, slots=True)
class CaseLine:
    """The line of a case: its days in order, and the widths of wait and clause, in thousandths of the picture."""

    days: tuple[CaseDay, ...]
    wait_x: int
    wait_width: int
    suspicion_width: int
    cover_x: int
    cover_width: int


def case_line(
    days: Sequence[tuple[str, dt.date]],
    *,
    begins_on: dt.date,
    wait_ends_on: dt.date,
    suspicion_ends_on: dt.date | None,
    left_on: dt.date | None,
) -> CaseLine:
    """Draw days against a membership: its wait from `begins_on` to `wait_ends_on`, both included, then the days of the
    clause on suspected tumours, then cover, until `left_on` where the membership has ended.
    """
    in_order = sorted(days, key=lambda one: one[1])
    known = [on for _name, on in in_order]
    first = min([begins_on, *known])
    last = max([suspicion_ends_on or wait_ends_on, *known])
    shown = (last - first).days + 1

    def place(on: dt.date) -> int:
        return min(WIDTH, max(0, (on - first).days * WIDTH // shown))

    def zone(on: dt.date) -> Zone:
        if on < begins_on:
            return Zone.BEFORE
        if left_on is not None and on > left_on:
            return Zone.AFTER
        if on <= wait_ends_on:
            return Zone.WAIT
        if suspicion_ends_on is not None and on <= suspicion_ends_on:
            return Zone.SUSPICION
        return Zone.COVER

    next_day = dt.timedelta(days=1)
    covered_x = place(wait_ends_on + next_day)
    ends_x = WIDTH if left_on is None else place(left_on + next_day)
    return CaseLine(
        days=tuple(
            CaseDay(name, on, number, zone(on), min(place(on), WIDTH - MARK))
            for number, (name, on) in enumerate(in_order, start=1)
        ),
        wait_x=place(begins_on),
        wait_width=covered_x - place(begins_on),
        suspicion_width=(place(suspicion_ends_on + next_day) - covered_x) if suspicion_ends_on else 0,
        cover_x=covered_x,
        cover_width=max(0, ends_x - covered_x),
    )
