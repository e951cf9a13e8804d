"""What changed from one run of the clauses over a claim to the next."""

from __future__ import annotations

from dataclasses import dataclass

from members.rules.eligibility_types import CLAUSE_TITLES, Finding, Trace
from members.rules.plan_types import Text


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One clause that says something else than before; None where one of the two runs did not ask it."""

    clause: str
    before: Finding | None
    after: Finding | None

    @property
    def title(self) -> Text:
        """The clause's name for people."""
        return CLAUSE_TITLES[self.clause]

    @property
    def is_result_changed(self) -> bool:
        """Whether the result is another; otherwise only its grounds are."""
        return (self.before and self.before.result) != (self.after and self.after.result)


def changes_between(old: Trace, new: Trace) -> tuple[ClauseChange, ...]:
    """Every clause whose result or sentence is another, in the order of the new run; empty when both say the same.

    A clause that only one of the two knows, of an older or a newer service, is a change too. Traces of two plan
    versions can be compared like any others.
    """
    before = {finding.clause: finding for finding in old.findings}
    after = {finding.clause: finding for finding in new.findings}
    in_order = [*after, *(clause for clause in before if clause not in after)]
    found = (ClauseChange(clause, before.get(clause), after.get(clause)) for clause in in_order)
    return tuple(change for change in found if _says(change.before) != _says(change.after))


def _says(finding: Finding | None) -> tuple[str, Text] | None:
    return None if finding is None else (finding.result, finding.sentence)
