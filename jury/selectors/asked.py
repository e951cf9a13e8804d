"""How far the acts are for which this room's messages ask: votes and second opinions, each of the message's reader."""

from __future__ import annotations

from collections.abc import Sequence

from audit.message_kinds import Asked, AskedState, Question
from jury.models import Opinion, OpinionRequest, Panel, Seat

OVER, DONE = Asked(AskedState.OVER), Asked(AskedState.DONE)


def votes(questions: Sequence[Question]) -> list[Asked]:
    """Whether each seat's juror has voted; one query."""
    ids = [int(question.params.get("seat", 0)) for question in questions]
    seats = Seat.objects.filter(pk__in=ids).select_related("panel").defer("panel__case_file", "panel__case_facts")
    found = {seat.pk: _vote(seat) for seat in seats}
    return [found.get(int(question.params.get("seat", 0)), OVER) for question in questions]


def opinions(questions: Sequence[Question]) -> list[Asked]:
    """Whether each professional has answered; one query."""
    ids = [int(question.params.get("opinion", 0)) for question in questions]
    rows = Opinion.objects.filter(pk__in=ids).select_related("request").defer("request__case_file")
    found = {opinion.pk: _opinion(opinion) for opinion in rows}
    return [found.get(int(question.params.get("opinion", 0)), OVER) for question in questions]


def _vote(seat: Seat) -> Asked:
    if seat.status != Seat.Status.SUMMONED:
        return OVER
    if seat.last_sequence:
        return DONE
    is_open = seat.panel.status == Panel.Status.OPEN
    return Asked(AskedState.OPEN, seat.panel.closes_at) if is_open else OVER


def _opinion(opinion: Opinion) -> Asked:
    if opinion.given_at is not None:
        return DONE
    is_open = opinion.recused_at is None and opinion.request.status == OpinionRequest.Status.OPEN
    return Asked(AskedState.OPEN, opinion.request.due_at) if is_open else OVER
