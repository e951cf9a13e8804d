"""From ballots to a verdict, from opinions to an answer, and from both to what happens next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from members.rules.plan_types import OpinionRules
from members.rules.verdicts import Opinion, RoundOutcome, Verdict
from pages.states import Shape, StateChoices


class Choice(StateChoices):
    """What one ballot says, and what an investigator recommends."""

    SUPPORT = "support", Shape.GOOD, _("For the claim")
    AGAINST = "against", Shape.BAD, _("Against the claim")


ANSWERS: Mapping[str, Opinion] = MappingProxyType(
    {"yes": Opinion.CONFIRMED, "no": Opinion.NOT_CONFIRMED, "unsure": Opinion.INCONCLUSIVE}
)
"""What a professional's answer to a question says; anything else is no answer."""


class Trigger(StrEnum):
    """Why a second opinion is opened."""

    ALWAYS = "always"
    OPPOSES_INVESTIGATOR = "opposes_investigator"
    THIN_MARGIN = "thin_margin"
    HUNG = "hung"
    MEDICAL_FLAGS = "medical_flags"
    AID_ABOVE = "aid_above"


DecisionTable = Mapping[str, Mapping[str, str]]
"""Verdict, then opinion, to a RoundOutcome: the plan version's own, checked when its file was read."""


@dataclass(frozen=True)
class RoundFacts:
    """The other facts that count at the end of a round.

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
    # Whole numbers and `>`: a division would round, and a tie at 5000 must stay hung.
    if support * 10_000 > majority * ballots:
        return Verdict.SUPPORT
    if against * 10_000 > majority * ballots:
        return Verdict.AGAINST
    return Verdict.HUNG


def could_turn(support: int, against: int, seats: int | None, quorum: int, disputed: int) -> bool:
    """Whether `disputed` seats could make the verdict another one, whatever their jurors wanted and was counted.

    Nobody knows which opening came from a disputed seat, so each may take one ballot from either side or from none, and
    give one to either or to none. Errs towards yes.
    """
    if disputed == 0:
        return False
    found = verdict(support, against, seats, quorum)
    cast = support + against
    least, most = cast - disputed, cast + disputed if seats is None else min(seats, cast + disputed)
    return any(
        verdict(yes, no, seats, quorum) is not found
        for yes in range(max(0, support - disputed), support + disputed + 1)
        for no in range(max(0, against - disputed), against + disputed + 1)
        if least <= yes + no <= most
    )


def margin(support: int, against: int) -> int:
    """By how many ballots the sides differ."""
    return abs(support - against)


def needs_opinion(rules: OpinionRules, facts: BallotFacts) -> tuple[Trigger, ...]:
    """Why the plan version opens a second opinion on this round; empty when it does not, or the verdict is final."""
    if facts.is_final:
        return ()
    is_hung = facts.verdict is Verdict.HUNG
    # A hung panel opposes nobody and has no margin; it has a trigger of its own.
    holds = {
        Trigger.ALWAYS: True,
        Trigger.OPPOSES_INVESTIGATOR: not is_hung and facts.verdict.value != facts.recommendation.value,
        Trigger.THIN_MARGIN: not is_hung and margin(facts.support, facts.against) <= rules.thin_margin_ballots,
        Trigger.HUNG: is_hung,
        Trigger.MEDICAL_FLAGS: facts.medical_flags >= rules.medical_flags,
        Trigger.AID_ABOVE: rules.aid_above_minor is not None and facts.aid_minor > rules.aid_above_minor,
    }
    return tuple(trigger for trigger in Trigger if trigger.value in rules.triggers and holds[trigger])


def question_opinion(answers: Sequence[Opinion | None]) -> Opinion:
    """The professionals' answer to one question: what more than half of those asked say.

    None is a missed deadline. A tie, no majority, nobody asked, or a majority that missed it is inconclusive.
    """
    for answer in (Opinion.CONFIRMED, Opinion.NOT_CONFIRMED):
        if 2 * sum(given is answer for given in answers) > len(answers):
            return answer
    return Opinion.INCONCLUSIVE


def majority_value(values: Sequence[str | None]) -> str | None:
    """What more than half of those asked found of one fact; None for a tie, for no majority, and where nobody said.

    None among the values is somebody who found nothing of it, or missed the deadline.
    """
    for value in dict.fromkeys(values):
        if value is not None and 2 * values.count(value) > len(values):
            return value
    return None


def combined_opinion(answers_by_question: Mapping[str, Sequence[Opinion | None]]) -> Opinion:
    """The opinion on the whole case: every question must be confirmed, and a single one not confirmed decides it.

    Otherwise, and without any question, it is inconclusive.
    """
    opinions = {question_opinion(answers) for answers in answers_by_question.values()}
    if Opinion.NOT_CONFIRMED in opinions:
        return Opinion.NOT_CONFIRMED
    if opinions == {Opinion.CONFIRMED}:
        return Opinion.CONFIRMED
    return Opinion.INCONCLUSIVE


def outcome(verdict: Verdict, opinion: Opinion | None, facts: RoundFacts, table: DecisionTable) -> RoundOutcome:
    """What follows from a verdict and its opinion (None: none was opened); nobody decides at their discretion.

    Without an opinion the verdict stands, and hung gives the investigator's recommendation. A final verdict stands
    whatever the opinion; a final one that is hung takes the hung row. A return to investigation happens once.
    """
    if opinion is None or (facts.is_final and verdict is not Verdict.HUNG):
        return _standing(verdict, facts)
    found = RoundOutcome(table[verdict][opinion])
    # A plan's own table may order a fresh panel for a hung one; after a final panel there is none to order.
    ordered_too_late = found is RoundOutcome.FRESH_PANEL and facts.is_final
    used_up = found is RoundOutcome.REINVESTIGATE and facts.was_investigated_again
    return _standing(verdict, facts) if ordered_too_late or used_up else found


def _standing(verdict: Verdict, facts: RoundFacts) -> RoundOutcome:
    """The verdict as it stands; where it is hung, the investigator's recommendation."""
    decides = facts.recommendation.value if verdict is Verdict.HUNG else verdict.value
    return RoundOutcome.APPROVED if decides == Choice.SUPPORT.value else RoundOutcome.REJECTED
