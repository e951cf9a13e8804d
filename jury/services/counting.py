"""Which ballots count: the last one of each seat that the log knows and that opens. No key is read here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from audit.models import Entry, Leaf
from audit.rooms import every_name
from jury.errors.ballots import SealBroken
from jury.models import Ballot, BallotFault, Panel, Seat
from jury.models.ballots import FaultKind
from jury.rules.verdicts import Choice
from jury.sealing import OpenedBallot, sealed_digest
from jury.selectors.draws import stream_of

CAST = "ballot.cast"
_MOST_SEQUENCE = 32_767
Open = Callable[[Ballot], OpenedBallot]
"""Opens a ballot, or raises SealBroken."""


@dataclass(frozen=True)
class Entered:
    """What the log says of one casting, and its place in the tree, if it has one."""

    token: str
    sequence: int
    digest: str
    leaf_index: int | None


@dataclass
class Count:
    """The openings and tokens that count, in no order yet, and what was found wrong."""

    openings: list[OpenedBallot] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    faults: list[BallotFault] = field(default_factory=list)

    @property
    def support(self) -> int:
        """How many are for the claim."""
        return sum(one.content.choice is Choice.SUPPORT for one in self.openings)

    @property
    def medical(self) -> int:
        """How many call it a medical question."""
        return sum(one.content.is_medical for one in self.openings)


def entered_ballots(panel: Panel) -> list[Entered]:
    """Every casting on the panel that the log has an entry of, oldest first."""
    rows = (
        Entry.objects.filter(kind__in=every_name(CAST), stream=stream_of(panel))
        .order_by("pk")
        .values_list("pk", "body")
    )
    bodies = [(pk, body) for pk, body in rows if isinstance(body, dict) and body.get("panel") == panel.pk]
    places = dict(Leaf.objects.filter(entry_id__in=[pk for pk, _body in bodies]).values_list("entry_id", "leaf_index"))
    return [_entered(body, places.get(pk)) for pk, body in bodies]


def _entered(body: dict[str, Any], leaf_index: int | None) -> Entered:
    # Anyone who can write entries can write anything into one: it must not stop the close.
    sequence = body.get("sequence")
    is_number = isinstance(sequence, int) and 0 <= sequence <= _MOST_SEQUENCE
    token, digest = _text(body.get("token"))[:40], _text(body.get("sealed"))[:64]
    return Entered(token, int(sequence) if is_number and sequence is not None else 0, digest, leaf_index)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def count_ballots(panel: Panel, entered: Sequence[Entered], *, open_one: Open, covered: int) -> Count:
    """The last ballot of every held seat that has an entry and opens; what is set aside displaces no other.

    `covered`: the size of the latest checkpoint. Raises nothing for any content of ballots or entries.
    """
    by_digest: dict[str, Entered] = {}
    for one in entered:
        by_digest.setdefault(one.digest, one)
    found = Count()
    held = Ballot.objects.filter(seat__panel=panel, seat__status=Seat.Status.SUMMONED).order_by("seat", "-sequence")
    for _seat, ballots in groupby(held.iterator(), key=lambda ballot: ballot.seat_id):
        _count_seat(panel, list(ballots), by_digest, found, open_one, covered)
    _find_lonely(panel, entered, found)
    _find_twins(panel, found)
    return found


def _count_seat(
    panel: Panel, ballots: list[Ballot], by_digest: dict[str, Entered], found: Count, open_one: Open, covered: int
) -> None:
    tokens = {by_digest[digest].token for digest in map(_digest, ballots) if digest in by_digest}
    for ballot in ballots:
        digest = _digest(ballot)
        entered = by_digest.get(digest)
        token = entered.token if entered else ""
        if entered is None or entered.sequence != ballot.sequence:
            found.faults.append(_fault(panel, FaultKind.NO_ENTRY, token, ballot.sequence, digest))
            continue
        try:
            opened = open_one(ballot)
        except SealBroken:
            found.faults.append(_fault(panel, FaultKind.UNREADABLE, token, ballot.sequence, digest))
            continue
        found.openings.append(opened)
        found.tokens.append(token)
        if entered.leaf_index is None:
            found.faults.append(_fault(panel, FaultKind.NO_PLACE, token, ballot.sequence, digest))
        elif entered.leaf_index >= covered:
            found.faults.append(_fault(panel, FaultKind.NO_CHECKPOINT, token, ballot.sequence, digest))
        if len(tokens) > 1:
            found.faults.append(_fault(panel, FaultKind.OTHER_TOKEN, token, ballot.sequence, digest))
        return


def _find_lonely(panel: Panel, entered: Iterable[Entered], found: Count) -> None:
    """Entries whose ballot is not there, on any seat of the panel: somebody took it away, or it never was."""
    there = Counter(map(_digest, Ballot.objects.filter(seat__panel=panel).iterator()))
    for one in entered:
        there[one.digest] -= 1
        if there[one.digest] < 0:
            found.faults.append(_fault(panel, FaultKind.NO_BALLOT, one.token, one.sequence, one.digest))


def _find_twins(panel: Panel, found: Count) -> None:
    for token, times in Counter(found.tokens).items():
        if times > 1:
            found.faults.append(BallotFault(panel=panel, kind=FaultKind.TOKEN_TWICE, token=token))
    for receipt, times in Counter(one.receipt for one in found.openings).items():
        if times > 1:
            found.faults.append(BallotFault(panel=panel, kind=FaultKind.RECEIPT_TWICE, receipt=receipt))


def _fault(panel: Panel, kind: FaultKind, token: str, sequence: int, digest: str) -> BallotFault:
    return BallotFault(panel=panel, kind=kind, token=token, sequence=sequence, ballot_digest=digest)


def _digest(ballot: Ballot) -> str:
    return sealed_digest(bytes(ballot.sealed))
