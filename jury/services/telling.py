"""Telling jurors, professionals and reviewers what happened to a case: part of the act that the entry records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Count, prefetch_related_objects

from audit.models import Entry
from jury.models import Opinion, OpinionRequest, Panel, Seat
from members.models.users import Role
from members.selectors.users import holders_of
from members.services.messages import Telling, tell_all, tell_each


def tell_summoned(panel: Panel, summoned: Sequence[tuple[Seat, Entry]]) -> None:
    """Tell the jurors of new seats, each by the entry of their own summons."""
    seats = [seat for seat, _entry in summoned]
    _fetch_people(seats)
    tell_all(
        "jury.summoned",
        [
            Telling(seat.juror.person, entry, values=_of_seat(panel, seat) | {"closes_at": panel.closes_at})
            for seat, entry in summoned
        ],
    )


def tell_seats(kind: str, panel: Panel, seats: Iterable[Seat], entry: Entry, **values: object) -> None:
    """Tell the jurors of these seats the same, each with the address of their own seat."""
    found = list(seats)
    _fetch_people(found)
    tell_all(kind, [Telling(seat.juror.person, entry, values=_of_seat(panel, seat) | values) for seat in found])


def tell_sitting(kind: str, panel: Panel, entry: Entry, **values: object) -> None:
    """Tell everyone who sits on the panel, voter or not."""
    tell_seats(kind, panel, panel.seats.filter(status=Seat.Status.SUMMONED), entry, **values)


def tell_result(panel: Panel, entry: Entry) -> None:
    """Tell everyone who sits on the panel, voter or not, how many ballots came from their seat."""
    seats = list(panel.seats.filter(status=Seat.Status.SUMMONED).annotate(ballots_cast=Count("ballots")))
    _fetch_people(seats)
    tell_all(
        "jury.result",
        [
            Telling(seat.juror.person, entry, values=_of_seat(panel, seat) | {"ballots": seat.last_sequence})
            for seat in seats
        ],
    )


def tell_professionals(kind: str, request: OpinionRequest, entry: Entry, **values: object) -> None:
    """Tell everyone who was asked and did not step down, whether or not they have answered."""
    asked = request.opinions.filter(recused_at=None).select_related("professional").order_by("pk")
    tell_all(
        kind,
        [
            Telling(one.professional, entry, values={"case": request.case_ref, "opinion": one.pk, **values})
            for one in asked
        ],
    )


def tell_asked_instead(opinion: Opinion, request: OpinionRequest, entry: Entry) -> None:
    """Tell the professional who is asked in the place of one who stepped down."""
    values = {"case": request.case_ref, "opinion": opinion.pk, "due_at": request.due_at}
    tell_all("jury.opinion_asked", [Telling(opinion.professional, entry, values=values)])


def tell_no_jury(panel: Panel, entry: Entry) -> None:
    """Tell the reviewers that the pool could not reach the quorum."""
    reviewers = holders_of(Role.REVIEWER)
    tell_each("jury.pool_too_small", to=reviewers, entry=entry, case=panel.case_ref, round=panel.round)


def tell_disputed(panel: Panel, entry: Entry) -> None:
    """Tell the reviewers that a juror disputes what came from their seat; not who."""
    tell_each("jury.seat_disputed", to=holders_of(Role.REVIEWER), entry=entry, case=panel.case_ref, round=panel.round)


def tell_close_waits(panel: Panel, counted_at: datetime) -> None:
    """Tell the reviewers, once, that a close waits for the log."""
    tell_each(
        "jury.close_waits",
        to=holders_of(Role.REVIEWER),
        about=f"panel:{panel.pk}",
        case=panel.case_ref,
        counted_at=counted_at,
    )


def _of_seat(panel: Panel, seat: Seat) -> dict[str, object]:
    return {"case": panel.case_ref, "seat": seat.pk}


def _fetch_people(seats: Sequence[Seat]) -> None:
    prefetch_related_objects(seats, "juror__person")
