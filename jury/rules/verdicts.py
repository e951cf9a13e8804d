"""From ballots to a verdict, from opinions to an answer, and from both to what happens next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Choice(StrEnum):
    """What one ballot says, and what an investigator recommends."""

    SUPPORT = "support"
    AGAINST = "against"


class Verdict(StrEnum):
    """What a panel says."""

    SUPPORT = "support"
    AGAINST = "against"
    HUNG = "hung"


class Opinion(StrEnum):
    """What the professionals say of the medical questions: is what the claim rests on confirmed?"""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    INCONCLUSIVE = "inconclusive"


class Cell(StrEnum):
    """What one cell of a plan version's decision table may order."""

    APPROVE = "approve"
    REJECT = "reject"
    FRESH_PANEL = "fresh_panel"  # opinion in the file; its verdict is final
    INVESTIGATE_THEN_VERDICT = "investigate_once_then_verdict"
    INVESTIGATE_THEN_RECOMMENDATION = "investigate_once_then_recommendation"


class RoundOutcome(StrEnum):
    """What happens to the matter after a round."""

    APPROVED = "approved"
    REJECTED = "rejected"
    FRESH_PANEL = "fresh_panel"
    UNDER_INVESTIGATION = "under_investigation"


class Trigger(StrEnum):
    """Why a second opinion is opened."""

    ALWAYS = "always"
    OPPOSES_INVESTIGATOR = "opposes_investigator"
    THIN_MARGIN = "thin_margin"
    HUNG = "hung"
    BELOW_QUORUM = "below_quorum"
    MEDICAL_FLAGS = "medical_flags"
    AID_ABOVE = "aid_above"


DecisionTable = Mapping[Verdict, Mapping[Opinion, Cell]]

DEFAULT_TABLE: DecisionTable = MappingProxyType(
    {
        Verdict.SUPPORT: MappingProxyType(
            {
                Opinion.CONFIRMED: Cell.APPROVE,
                Opinion.NOT_CONFIRMED: Cell.FRESH_PANEL,
                Opinion.INCONCLUSIVE: Cell.INVESTIGATE_THEN_VERDICT,
            }
        ),
        Verdict.AGAINST: MappingProxyType(
            {
                Opinion.CONFIRMED: Cell.FRESH_PANEL,
                Opinion.NOT_CONFIRMED: Cell.REJECT,
                Opinion.INCONCLUSIVE: Cell.INVESTIGATE_THEN_VERDICT,
            }
        ),
        Verdict.HUNG: MappingProxyType(
            {
                Opinion.CONFIRMED: Cell.APPROVE,
                Opinion.NOT_CONFIRMED: Cell.REJECT,
                Opinion.INCONCLUSIVE: Cell.INVESTIGATE_THEN_RECOMMENDATION,
            }
        ),
    }
)
"""The table a plan version has when it brings none of its own."""


@dataclass(frozen=True)
class OpinionTriggers:
    """When a plan version opens a second opinion; what is None or False does not open one.

    `thin_margin_bp`: the margin is at most this share of the ballots, in basis points. `medical_flags`: at least so
    many ballots say that this is a medical question. `aid_above_minor`: the aid at stake is more, in minor units.
    """

    opposes_investigator: bool = False
    thin_margin_bp: int | None = None
    hung: bool = False
    below_quorum: bool = False
    medical_flags: int | None = None
    aid_above_minor: int | None = None
    always: bool = False


@dataclass(frozen=True)
class RoundFacts:
    """What else counts at the end of a round.

    `is_final`: the panel is one whose verdict opens no further opinion. `was_investigated_again`: the one return to
    investigation has been used up.
    """

    recommendation: Choice
    is_final: bool = False
    was_investigated_again: bool = False


@dataclass(frozen=True)
class BallotFacts:
    """What the close of a panel counted; the aid at stake in minor units."""

    support: int
    against: int
    quorum: int
    verdict: Verdict
    recommendation: Choice
    medical_flags: int
    aid_minor: int
    is_final: bool = False


def verdict(support: int, against: int, seats: int | None, quorum: int, majority: int = 5000) -> Verdict:
    """The verdict on these ballots; `majority` is the share of ballots, in basis points, that a side must exceed.

    5000 is "more than half", so a tie is never a majority. Below the quorum, or with neither side above the majority,
    the panel is hung. `seats` is None on an open bench. Raises `ValueError` for more ballots than seats, a quorum that
    the seats cannot reach, or a majority below half.
    """
    ballots = support + against
    if support < 0 or against < 0 or (seats is not None and ballots > seats):
        raise ValueError(f"{support} and {against} ballots cannot come from {seats} seats.")
    if quorum < 1 or (seats is not None and quorum > seats):
        raise ValueError(f"{seats} seats cannot reach a quorum of {quorum}.")
    if not 5000 <= majority < 10_000:
        raise ValueError(f"A majority of {majority} basis points: write 5000 (more than half) to 9999.")
    if ballots < quorum:
        return Verdict.HUNG
    if support * 10_000 > majority * ballots:
        return Verdict.SUPPORT
    if against * 10_000 > majority * ballots:
        return Verdict.AGAINST
    return Verdict.HUNG


def margin(support: int, against: int) -> int:
    """By how many ballots the sides differ."""
    return abs(support - against)


def is_thin(support: int, against: int, thin_margin_bp: int) -> bool:
    """Whether the margin is at most this share of the ballots, in basis points; without ballots it is."""
    return margin(support, against) * 10_000 <= thin_margin_bp * (support + against)


def needs_opinion(triggers: OpinionTriggers, facts: BallotFacts) -> tuple[Trigger, ...]:
    """Why the plan version opens a second opinion on this round; empty when it does not, or the verdict is final."""
    if facts.is_final:
        return ()
    is_hung = facts.verdict is Verdict.HUNG
    met = [
        (Trigger.ALWAYS, triggers.always),
        (Trigger.OPPOSES_INVESTIGATOR, triggers.opposes_investigator and _opposes(facts)),
        (Trigger.THIN_MARGIN, _has_thin_margin(triggers.thin_margin_bp, facts)),
        (Trigger.HUNG, triggers.hung and is_hung),
        (Trigger.BELOW_QUORUM, triggers.below_quorum and _is_below_quorum(facts)),
        (Trigger.MEDICAL_FLAGS, triggers.medical_flags is not None and facts.medical_flags >= triggers.medical_flags),
        (Trigger.AID_ABOVE, triggers.aid_above_minor is not None and facts.aid_minor > triggers.aid_above_minor),
    ]
    return tuple(trigger for trigger, is_met in met if is_met)


def _opposes(facts: BallotFacts) -> bool:
    # A hung panel opposes nobody; it has a trigger of its own.
    return facts.verdict is not Verdict.HUNG and facts.verdict.value != facts.recommendation.value


def _has_thin_margin(thin_margin_bp: int | None, facts: BallotFacts) -> bool:
    if thin_margin_bp is None or facts.verdict is Verdict.HUNG:
        return False
    return is_thin(facts.support, facts.against, thin_margin_bp)


def _is_below_quorum(facts: BallotFacts) -> bool:
    return facts.support + facts.against < facts.quorum


def question_opinion(answers: Sequence[Opinion | None]) -> Opinion:
    """The professionals' answer to one question: what more than half of those asked say.

    None is a missed deadline. A tie, no majority, nobody asked, or a majority that missed it is inconclusive.
    """
    for answer in (Opinion.CONFIRMED, Opinion.NOT_CONFIRMED):
        if 2 * sum(given is answer for given in answers) > len(answers):
            return answer
    return Opinion.INCONCLUSIVE


def combined_opinion(answers_by_question: Mapping[str, Sequence[Opinion | None]]) -> Opinion:
    """The opinion on the whole matter: every question must be confirmed, and one that is not confirmed settles it.

    Otherwise, and without any question, it is inconclusive.
    """
    opinions = {question_opinion(answers) for answers in answers_by_question.values()}
    if Opinion.NOT_CONFIRMED in opinions:
        return Opinion.NOT_CONFIRMED
    if opinions == {Opinion.CONFIRMED}:
        return Opinion.CONFIRMED
    return Opinion.INCONCLUSIVE


def decision_table(data: Mapping[str, Mapping[str, str]]) -> DecisionTable:
    """A plan version's decision table from its data; every cell must be there, else `ValueError` names the one."""
    rows: dict[Verdict, Mapping[Opinion, Cell]] = {}
    for row in Verdict:
        cells: dict[Opinion, Cell] = {}
        for column in Opinion:
            text = data.get(row, {}).get(column)
            if text not in list(Cell):
                raise ValueError(f"Decision table, {row} × {column}: {text!r} is none of {', '.join(Cell)}.")
            cells[column] = Cell(text)
        rows[row] = MappingProxyType(cells)
    if any(name not in list(Verdict) for name in data) or any(set(data[row]) - set(Opinion) for row in data):
        raise ValueError("The decision table has a row or a column that is no verdict or opinion.")
    return MappingProxyType(rows)


def outcome(
    verdict: Verdict, opinion: Opinion | None, facts: RoundFacts, table: DecisionTable = DEFAULT_TABLE
) -> RoundOutcome:
    """What follows from a verdict and the opinion at hand (None: none was opened); nobody decides by discretion.

    Without an opinion the verdict stands, and hung gives the investigator's recommendation. A final verdict stands
    whatever the opinion; a final one that is hung takes the hung row. A return to investigation happens once.
    """
    if opinion is None or (facts.is_final and verdict is not Verdict.HUNG):
        return _standing(verdict, facts)
    cell = table[verdict][opinion]
    if cell is Cell.APPROVE:
        return RoundOutcome.APPROVED
    if cell is Cell.REJECT:
        return RoundOutcome.REJECTED
    if cell is Cell.FRESH_PANEL:
        # A plan's own table may order a fresh panel for a hung one; after a final panel there is none to order.
        return _standing(verdict, facts) if facts.is_final else RoundOutcome.FRESH_PANEL
    if not facts.was_investigated_again:
        return RoundOutcome.UNDER_INVESTIGATION
    return _standing(verdict if cell is Cell.INVESTIGATE_THEN_VERDICT else Verdict.HUNG, facts)


def _standing(verdict: Verdict, facts: RoundFacts) -> RoundOutcome:
    """The verdict as it stands; where it is hung, the investigator's recommendation."""
    decides = facts.recommendation.value if verdict is Verdict.HUNG else verdict.value
    return RoundOutcome.APPROVED if decides == Choice.SUPPORT.value else RoundOutcome.REJECTED
