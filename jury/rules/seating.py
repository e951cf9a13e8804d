"""Who is seated when the walk reaches their number, who is skipped and why, and how replacements are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from audit.rules.canonical import ascii_digest


class StepOutcome(StrEnum):
    """The outcome for one number that the walk looked up."""

    SEATED = "seated"
    VACANT = "vacant"  # no juror in the pool holds this number
    CONFLICT = "conflict"
    HOUSEHOLD = "household"  # the claimant's household, or that of a juror already seated
    WORKLOAD = "workload"
    SAT_BEFORE = "sat_before"
    STRATUM_FULL = "stratum_full"


Status = StepOutcome | None
"""None: may be seated. Otherwise the reason to skip, on the facts at the commitment."""
StatusOf = Callable[[int], Status] | Mapping[int, Status]
"""A number that a mapping does not name is vacant."""


@dataclass(frozen=True)
class Strata:
    """At most so many seats for each stratum, while the walk is within its first `limit` look-ups.

    A stratum without a maximum is never full.
    """

    maxima: tuple[tuple[str, int], ...]
    limit: int

    def __post_init__(self) -> None:
        if self.limit < 0 or any(maximum < 0 for _, maximum in self.maxima):
            raise ValueError("Strata need a limit and maxima of zero or more.")
        if len(dict(self.maxima)) != len(self.maxima):
            raise ValueError("A stratum has two maxima.")


@dataclass(frozen=True)
class Step:
    """One position of the walk, from 1: the number there, and its outcome."""

    position: int
    number: int
    outcome: StepOutcome


@dataclass(frozen=True)
class PanelDraw:
    """A panel filled by the walk: every step, and those who now sit, in the order seated."""

    steps: tuple[Step, ...]
    seated: tuple[int, ...]
    vacated: tuple[int, ...]
    looked_up: int
    seats: int
    quorum: int
    lookup_limit: int
    is_exhausted: bool

    @property
    def is_full(self) -> bool:
        """Whether every seat is taken."""
        return len(self.seated) == self.seats

    @property
    def can_sit(self) -> bool:
        """Whether the quorum can still be reached; a panel that cannot sit is hung."""
        return len(self.seated) >= self.quorum

    def totals(self) -> dict[StepOutcome, int]:
        """How many steps ended in each outcome: what the public notice shows."""
        counted = Counter(step.outcome for step in self.steps)
        return {outcome: counted[outcome] for outcome in StepOutcome if counted[outcome]}


class _Bench:
    """The seats while they are being filled."""

    def __init__(
        self,
        strata: Strata | None,
        stratum_of: Callable[[int], str] | None,
        household_of: Callable[[int], str | None] | None,
    ) -> None:
        self.seated: list[int] = []
        self._strata = strata
        self._maxima = dict(strata.maxima) if strata else {}
        self._stratum_of = stratum_of
        self._household_of = household_of
        self._in_stratum: Counter[str] = Counter()
        self._households: set[str] = set()

    def obstacle(self, number: int, *, look_up: int | None) -> Status:
        """Why this number can't join the seats already taken, at this look-up (None: after the last one)."""
        household = self._household_of(number) if self._household_of else None
        if household and household in self._households:
            return StepOutcome.HOUSEHOLD
        if self._strata and self._stratum_of and look_up is not None and look_up <= self._strata.limit:
            stratum = self._stratum_of(number)
            if self._in_stratum[stratum] >= self._maxima.get(stratum, self._in_stratum[stratum] + 1):
                return StepOutcome.STRATUM_FULL
        return None

    def sit(self, number: int) -> None:
        """Give the next seat to this number."""
        self.seated.append(number)
        if self._stratum_of:
            self._in_stratum[self._stratum_of(number)] += 1
        if household := self._household_of and self._household_of(number):
            self._households.add(household)


def seat_panel(
    numbers: Iterator[int],
    status_of: StatusOf,
    *,
    seats: int,
    quorum: int,
    lookup_limit: int,
    strata: Strata | None = None,
    stratum_of: Callable[[int], str] | None = None,
    household_of: Callable[[int], str | None] | None = None,
    earlier: PanelDraw | None = None,
    vacated: Collection[int] = (),
) -> PanelDraw:
    """Fill the seats along the walk: each number is seated or skipped until all seats are taken or the walk ends.

    `numbers` is always the whole walk from its first number. For replacements pass the `earlier` result and the
    numbers whose seats were `vacated` since: the earlier steps stand, and the next numbers take the free seats.
    Within the strata's limit nobody enters a full stratum; after it the seats fill freely. When the pool or
    `lookup_limit` ends with seats still free, those skipped for a full stratum take them in the order drawn, as
    further steps. Raises `ValueError` for impossible terms, or a walk that is not the earlier one.
    """
    if not 1 <= quorum <= seats or lookup_limit < 1 or (strata is None) != (stratum_of is None):
        raise ValueError("A panel needs a quorum within its seats, a look-up limit, and strata with their members.")
    bench = _Bench(strata, stratum_of, household_of)
    steps, looked_up = _replay(numbers, bench, earlier, (seats, quorum, lookup_limit), vacated)
    seen = {step.number for step in steps}
    is_exhausted = earlier is not None and earlier.is_exhausted
    while len(bench.seated) < seats:
        number = next(numbers, None) if looked_up < lookup_limit else None
        if number is None:
            is_exhausted = True
            _fill_freely(steps, bench, seats)
            break
        if number in seen:
            raise ValueError(f"The walk gave number {number} twice.")
        seen.add(number)
        looked_up += 1
        outcome = _status(status_of, number) or bench.obstacle(number, look_up=looked_up) or StepOutcome.SEATED
        steps.append(Step(len(steps) + 1, number, outcome))
        if outcome is StepOutcome.SEATED:
            bench.sit(number)
    gone = (*(earlier.vacated if earlier else ()), *sorted(vacated))
    return PanelDraw(tuple(steps), tuple(bench.seated), gone, looked_up, seats, quorum, lookup_limit, is_exhausted)


def _status(status_of: StatusOf, number: int) -> Status:
    status = status_of(number) if callable(status_of) else status_of.get(number, StepOutcome.VACANT)
    if status is StepOutcome.SEATED:
        raise ValueError(f"Number {number} cannot be seated before the walk seats it.")
    return status


def _replay(
    numbers: Iterator[int],
    bench: _Bench,
    earlier: PanelDraw | None,
    terms: tuple[int, int, int],
    vacated: Collection[int],
) -> tuple[list[Step], int]:
    """Seat those who still sit from the earlier draw, and move the walk to where it stopped."""
    if earlier is None:
        if vacated:
            raise ValueError("Nobody can have left a panel that was not drawn.")
        return [], 0
    if (earlier.seats, earlier.quorum, earlier.lookup_limit) != terms or not set(vacated) <= set(earlier.seated):
        raise ValueError("Replacements keep the draw's terms, and take the seats of those who sat.")
    # Steps beyond the look-ups filled seats freely: they repeat a number and consume none of the walk.
    if [step.number for step in earlier.steps[: earlier.looked_up]] != [
        next(numbers, None) for _ in range(earlier.looked_up)
    ]:
        raise ValueError("This is not the walk that the earlier seats were drawn from.")
    for number in earlier.seated:
        if number not in vacated:
            bench.sit(number)
    return list(earlier.steps), earlier.looked_up


def _fill_freely(steps: list[Step], bench: _Bench, seats: int) -> None:
    """Seat those who were skipped only for a full stratum, in the order drawn, while seats are free."""
    ever_seated = {step.number for step in steps if step.outcome is StepOutcome.SEATED}
    waiting = [
        step.number for step in steps if step.outcome is StepOutcome.STRATUM_FULL and step.number not in ever_seated
    ]
    for number in waiting:
        if len(bench.seated) == seats:
            return
        if bench.obstacle(number, look_up=None) is None:
            steps.append(Step(len(steps) + 1, number, StepOutcome.SEATED))
            bench.sit(number)


def reason_commitment(salt: bytes, draw_digest: str, step: Step) -> str:
    """What the public sees of a skip: SHA-256 over the draw, the step and a secret salt, in hex.

    The auditor gets salt and reason and can recompute it. A salt of fewer than 16 bytes could be guessed: `ValueError`.
    """
    if len(salt) < 16:
        raise ValueError("The salt of a skip's reason needs at least 16 bytes.")
    return ascii_digest(["skip", draw_digest, step.position, step.number, step.outcome, salt.hex()])
