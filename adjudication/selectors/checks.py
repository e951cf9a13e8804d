"""The runs of the clauses over a claim, and what each run changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from adjudication.models import Claim, EligibilityCheck
from members.rules.changes import ClauseChange, changes_between
from members.rules.eligibility import Trace


@dataclass(frozen=True)
class CheckStep:
    """One run of the clauses: its occasion, its results, and what changed since the run before."""

    check: EligibilityCheck
    trace: Trace
    changes: tuple[ClauseChange, ...]
    is_first: bool

    @property
    def occasion(self) -> str:
        """The occasion in words."""
        return occasion_words(self.check.occasion)

    @property
    def met(self) -> int:
        """How many clauses were met."""
        return len(self.trace.findings) - self.not_met - self.still_open

    @property
    def not_met(self) -> int:
        """How many were not."""
        return len(self.trace.not_met)

    @property
    def still_open(self) -> int:
        """How many could not be judged yet."""
        return len(self.trace.open_findings)


def occasion_words(occasion: str) -> str:
    """The occasion of a run in words; a code that this release does not know is shown unchanged."""
    words = {
        "submitted": _("The claim was filed"),
        "finding": _("A fact was found"),
        "report_signed": _("The report was signed"),
        "opinion_closed": _("The second opinion was given"),
        "decision": _("The decision was issued, and facts had changed"),
    }
    return words.get(occasion, occasion)


def check_steps(claim: Claim) -> tuple[CheckStep, ...]:
    """Every run over a claim, oldest first; one query."""
    return steps_of(claim.eligibility_checks.order_by("pk"))


def steps_of(checks: Iterable[EligibilityCheck]) -> tuple[CheckStep, ...]:
    """The runs, oldest first, each with what it changed."""
    found: list[CheckStep] = []
    for check in checks:
        trace = Trace.from_json(check.trace)
        changes = changes_between(found[-1].trace, trace) if found else ()
        found.append(CheckStep(check, trace, changes, not found))
    return tuple(found)
