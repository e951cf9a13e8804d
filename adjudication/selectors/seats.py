"""Summonses and seats as their jurors see them: what is asked, until when, and afterwards the result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from adjudication.models import Claim, Decision, Hearing
from adjudication.models.claims import ClaimStatus
from adjudication.rules.outcomes import DecisionOutcome
from adjudication.selectors.addenda import ReadableAddendum, addendum_of, has_news
from adjudication.selectors.readable_files import ReadableFile, illness_title, readable_file
from jury.models import Ballot, Panel, Seat, SeatDispute
from jury.selectors.panels import rules_of
from jury.selectors.seats import seats_of
from members.access import AnyUser
from members.rules.plans import PlanRules
from members.rules.verdicts import Verdict
from pages.moments import page_now
from pages.states import Shape, StateChoices


class SeatState(StateChoices):
    """Where a seat is for its juror."""

    TO_VOTE = "todo", Shape.TODO, _("To vote")
    CAST = "cast", Shape.GOOD, _("Ballot cast")
    RECUSED = "recused", Shape.CLOSED, _("Stepped down")
    CLOSED = "closed", Shape.CLOSED, _("Closed")
    ABANDONED = "abandoned", Shape.CLOSED, _("Abandoned")


TO_VOTE, CAST, RECUSED, CLOSED, ABANDONED = SeatState


@dataclass(frozen=True)
class Summons:
    """One seat on the juror's list: `state` is to vote, cast (and still open), recused, closed or abandoned."""

    seat: Seat
    state: SeatState
    illness: str
    has_news: bool = False
    """Whether an addendum came after the juror's last ballot."""

    @property
    def closes_at(self) -> dt.datetime | None:
        """Until when the panel votes."""
        return self.seat.panel.closes_at


@dataclass(frozen=True)
class Summonses:
    """A juror's seats: those that wait for a ballot (nearest close first), those cast, and those that are over."""

    to_vote: tuple[Summons, ...]
    cast: tuple[Summons, ...]
    past: tuple[Summons, ...]


@dataclass(frozen=True)
class PanelResult:
    """The result of a closed panel, and how the claim continued."""

    support: int
    against: int
    verdict: Verdict
    closed_at: dt.datetime | None
    claim_status: ClaimStatus | str
    decided: DecisionOutcome | str


def state_of(seat: Seat) -> SeatState:
    """The state of a seat for its juror: after the close time a panel takes no ballot, whether or not it has been
    counted.
    """
    if seat.status == Seat.Status.RECUSED:
        return RECUSED
    if seat.panel.status == Panel.Status.ABANDONED:
        return ABANDONED
    if not is_voting(seat.panel):
        return CLOSED
    return CAST if seat.last_sequence else TO_VOTE


def is_voting(panel: Panel) -> bool:
    """Whether ballots are accepted now."""
    return panel.status == Panel.Status.OPEN and panel.closes_at is not None and panel.closes_at > page_now()


def own_seats(user: AnyUser) -> QuerySet[Seat]:
    """The seats drawn for a user, without each panel's file: a page that shows the file fetches it."""
    return seats_of(user).defer("panel__case_facts", "panel__commitment")


def summonses(user: AnyUser, most_past: int = 50) -> Summonses:
    """A juror's seats by what is left to do; of the finished ones only the newest."""
    found = [summons(seat) for seat in own_seats(user)[:200]]
    waiting = sorted(_in_state(found, TO_VOTE), key=lambda item: (item.closes_at is None, item.closes_at))
    past = _in_state(found, RECUSED, CLOSED, ABANDONED)
    return Summonses(tuple(waiting), tuple(_in_state(found, CAST)), tuple(past[:most_past]))


def summons(seat: Seat) -> Summons:
    """One seat with its state and the illness it is about."""
    return Summons(seat, state_of(seat), illness_title(seat.panel.case_file["illness"]["icd10"]), has_news(seat))


def file_of_seat(seat: Seat) -> ReadableFile | None:
    """The masked file while the juror judges by it; None once the seat or the panel is over."""
    if state_of(seat) not in {TO_VOTE, CAST}:
        return None
    return readable_file(seat.panel.case_file, rules_of(seat.panel))


def addendum_of_seat(seat: Seat) -> ReadableAddendum | None:
    """What was added to the file while the juror judges by it; None before that, and once the seat is over."""
    return addendum_of(seat.panel) if state_of(seat) in {TO_VOTE, CAST} else None


def rules_of_seat(seat: Seat) -> PlanRules:
    """The plan version that the panel was committed under."""
    return rules_of(seat.panel)


def last_ballot(seat: Seat) -> Ballot | None:
    """The last ballot of a seat: its number and its moment. What it says, and its receipt, nobody can read here."""
    return seat.ballots.defer("sealed").order_by("-sequence").first()


def dispute_of(seat: Seat) -> SeatDispute | None:
    """The juror's dispute of a seat, if there is one."""
    return SeatDispute.objects.filter(seat=seat).first()


def result_of_seat(seat: Seat) -> PanelResult | None:
    """The counts and how the claim continued; None for everyone before the close."""
    panel = seat.panel
    if panel.status != Panel.Status.CLOSED:
        return None
    claim = _claim_of(panel)
    decisions = list(claim.decisions.all()) if claim else []
    return PanelResult(
        support=panel.support_count or 0,
        against=panel.against_count or 0,
        verdict=Verdict(panel.verdict),
        closed_at=panel.closed_at,
        claim_status=claim.status if claim else "",
        decided=decisions[-1].outcome if decisions else "",
    )


def claim_id_of_seat(seat_id: int) -> int | None:
    """The claim behind a seat, to be advanced when its panel is complete; None for a case that is not a claim."""
    return Hearing.objects.filter(panel__seats=seat_id).values_list("claim_id", flat=True).first()


def _claim_of(panel: Panel) -> Claim | None:
    ordered = Prefetch("decisions", Decision.objects.order_by("sequence"))
    return Claim.objects.filter(hearings__panel=panel).prefetch_related(ordered).first()


def _in_state(found: Iterable[Summons], *states: SeatState) -> list[Summons]:
    return [item for item in found if item.state in states]
