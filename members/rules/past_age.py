"""Members past the oldest age that a plan covers: who they are by their day of birth, and when what follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from members.rules.dates import completed_years
from members.rules.plans import PlanRules

OLDEST_YEARS = 125
"""Nobody is older: days of birth before that are not looked for."""


def is_past_age(rules: PlanRules, born_on: dt.date, on: dt.date) -> bool:
    """Whether the rules give no aid for a first diagnosis on a day because the person is too old."""
    return born_on <= on and completed_years(born_on, on) > rules.oldest_covered_years


def born_by(oldest_years: int, on: dt.date) -> Iterator[dt.date]:
    """Every day of birth with which somebody is older than so many completed years on a day, latest first."""
    # From some days behind the birthday of that year, so that no 29 February is left out.
    year = on.year - oldest_years - 1
    born_on = dt.date(year, on.month, min(on.day, 28)) + dt.timedelta(days=4)
    first = dt.date(on.year - OLDEST_YEARS, 1, 1)
    while born_on >= first:
        if completed_years(born_on, on) > oldest_years:
            yield born_on
        born_on -= dt.timedelta(days=1)
