"""What changed from one run of the clauses over a claim to the next."""

from __future__ import annotations

from dataclasses import dataclass

from members.rules.eligibility_types import Finding, Trace, clause_title
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
        return clause_title(self.clause)

    @property
    def is_result_changed(self) -> bool:
        """Whether the result is another; otherwise only its grounds are."""
        return (self.before and self.before.result) != (self.after and self.after.result)


def changes_between(old: Trace, new: Trace) -> tuple[ClauseChange, ...]:
    """Every clause whose result or grounds are others, in the order of the new run; empty when both say the same.

    A clause that only one of the two knows, of an older or a newer service, is a change too. Traces of two plan
    versions can be compared like any others. A sentence that a later release writes in other words is no change, and
    neither are other values behind the same sentence.
    """
    before = {finding.clause: finding for finding in old.findings}
    after = {finding.clause: finding for finding in new.findings}
    in_order = [*after, *(clause for clause in before if clause not in after)]
    found = (ClauseChange(clause, before.get(clause), after.get(clause)) for clause in in_order)
    return tuple(change for change in found if not _is_the_same(change.before, change.after))


def _is_the_same(before: Finding | None, after: Finding | None) -> bool:
    if before is None or after is None:
        return before is after
    if before.result != after.result:
        return False
    return before.grounds == after.grounds or before.sentence == after.sentence
