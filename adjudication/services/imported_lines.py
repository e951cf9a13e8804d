"""One import of medical records: its plan and its day, and what it reports of each resource."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from adjudication.fhir.records import When
from adjudication.fhir.sorting import Versioned
from audit.actors import SystemActor
from members.models import Plan
from members.rules.dates import local_day
from members.rules.plans import PlanRules

IMPORTER = SystemActor("fhir-import")
ENROLLED, FILED, ATTACHED, WITHDRAWN = "enrolled", "claim filed", "evidence added", "withdrawn"
STATED = "fact recorded"
ALREADY, LEFT_OUT, REPEATED = "already there", "left out", "counted once"
CONTRADICTS, BROKEN = "contradicts", "broken"
CHANGES = (ENROLLED, FILED, STATED, ATTACHED, WITHDRAWN)
"""What leaves something in the database."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was done with one resource, or why nothing was done."""

    place: str
    resource: str
    did: str
    words: str


@dataclass(frozen=True, slots=True)
class Run:
    """The plan and the day of one import; the plan's versions, oldest first."""

    plan: Plan
    versions: tuple[PlanRules, ...]
    imported_on: dt.date
    as_recorded: bool

    @property
    def rules(self) -> PlanRules:
        """Those of the plan's last version."""
        return self.versions[-1]

    def day(self, when: When | None) -> dt.date | None:
        """The plan's day of a moment; a day stays itself."""
        return local_day(when, self.plan.timezone) if isinstance(when, dt.datetime) else when


def line_of(record: Versioned, did: str, words: str) -> Line:
    """The line of a report about one resource."""
    return Line(record.head.place, str(record.head.identity), did, words)


def day_moved(on: dt.date, shift: dt.timedelta) -> dt.date | None:
    """The day that many days later; None beyond the last day of the calendar."""
    try:
        return on + shift
    except OverflowError:
        return None
