"""The times that plan versions give to waits, as expressions for queries: a version's rules are text, not columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db.models import Case, DateTimeField, F, IntegerField, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Greatest

from members.models import PlanVersion
from members.rules.plans import PlanRules

Days = Callable[[PlanRules], int | None]
NEVER = Cast(Value(None), DateTimeField())
"""The end of a wait that has none."""


class Terms:
    """The rules of all plan versions, read once for all the waits that ask for them."""

    @cached_property
    def versions(self) -> list[tuple[int, PlanRules]]:
        """Every version by its key."""
        return [(version.pk, version.rules) for version in PlanVersion.objects.order_by("pk")]

    def after(self, base: Combinable, version: str, days: Days) -> Case:
        """So many days after `base`, by the version that the path `version` leads to; never where it says “none”."""
        whens = []
        for pk, rules in self.versions:
            number = days(rules)
            if number is not None:
                whens.append(When(**{version: pk}, then=base + Value(dt.timedelta(days=number))))
        return Case(*whens, default=NEVER, output_field=DateTimeField())

    def number(self, version: str, number: Days) -> Case:
        """A number that the version gives; empty where it says “none”."""
        found = [(pk, number(rules)) for pk, rules in self.versions]
        whens = [When(**{version: pk}, then=Value(value)) for pk, value in found if value is not None]
        return Case(*whens, default=Cast(Value(None), IntegerField()), output_field=IntegerField())


def later(*moments: Any) -> Greatest:
    """The latest of these moments, those that are empty passed over."""
    return Greatest(*moments, output_field=DateTimeField())


def running(rows: QuerySet[Any], *, claim: str, since: Any, until: Any = NEVER) -> QuerySet[Any]:
    """Rows as the table of waits gives them: whose claim it is, since when they wait, and until when at the latest."""
    found: QuerySet[Any] = rows.order_by().annotate(wait_claim=F(claim), wait_since=since, wait_until=until)
    return found


def fixed(base: Combinable, delta: dt.timedelta) -> Any:
    """So long after `base`, in every version."""
    return Cast(base + Value(delta), DateTimeField())
