"""Nudges and the sweep: ids in, one service call, safe to run twice."""

from __future__ import annotations

from collections.abc import Callable

from celery import shared_task

from adjudication.selectors.clocks import decisions_late, over, reviewers_to_tell, to_remind
from adjudication.selectors.due import claims_due
from adjudication.selectors.reminders import answers_to_remind, investigations_near, investigations_passed
from adjudication.selectors.serving import answers_to_serve
from adjudication.services.advancing import advance_claim as advance
from adjudication.services.holds import lapse_hold
from adjudication.services.reminders import (
    remind_applicant,
    remind_of_wait,
    tell_decision_late,
    tell_waits_late,
    warn_investigator,
)
from adjudication.services.serving import serve_answer
from adjudication.services.waits import assign_investigation, take_off
from adjudication.waits import HELD, NEEDS_ANOTHER, OVERDUE, UNTAKEN, WAITS
from audit.services.sweeps import Part, sweep
from audit.waits import Wait
from jury.selectors.reminders import opinions_to_remind, seats_to_remind
from jury.selectors.serving import seats_not_reached
from jury.services.draws import replace_unreached
from jury.services.reminders import remind_juror, remind_professional

ENDS: dict[str, Callable[[int], object]] = {
    UNTAKEN.name: lambda pk: assign_investigation(investigation_id=pk),
    NEEDS_ANOTHER.name: lambda pk: assign_investigation(investigation_id=pk),
    OVERDUE.name: lambda pk: take_off(investigation_id=pk),
    HELD.name: lambda pk: lapse_hold(claim_id=pk),
}
"""What a sweep does at the end of a wait. The other waits that end by themselves are steps of `advance_claim`."""


@shared_task(name="adjudication.advance_claim", queue="deadlines")
def advance_claim(claim_id: int) -> int:
    """Move one claim as far as its facts allow."""
    return advance(claim_id=claim_id)


@shared_task(name="adjudication.sweep_deadlines", queue="deadlines")
def sweep_deadlines() -> int:
    """Move every claim that is due, and remind those whose time is nearly over; returns how many rows were looked "
    "at."""
    return sweep(
        "adjudication.sweep_deadlines",
        Part("notices", "adjudication.Answer", answers_to_serve, lambda pk: serve_answer(answer_id=pk)),
        Part("jurors not reached", "jury.Seat", seats_not_reached, lambda pk: replace_unreached(seat_id=pk)),
        Part("claims", "adjudication.Claim", claims_due, lambda pk: advance(claim_id=pk)),
        Part("jurors", "jury.Seat", seats_to_remind, lambda pk: remind_juror(seat_id=pk)),
        Part("professionals", "jury.Opinion", opinions_to_remind, lambda pk: remind_professional(opinion_id=pk)),
        Part("applicants", "adjudication.Answer", answers_to_remind, lambda pk: remind_applicant(answer_id=pk)),
        Part("reports near", "adjudication.Investigation", investigations_near, _warn),
        Part("reports overdue", "adjudication.Investigation", investigations_passed, _warn),
        *(Part(wait.name, wait.model, over(wait.name), ENDS[wait.name]) for wait in WAITS if wait.name in ENDS),
        *(_reminder(wait) for wait in WAITS if wait.reminder),
        Part("decisions late", "adjudication.Claim", decisions_late, lambda pk: tell_decision_late(claim_id=pk)),
        Part("reviewers", "members.User", reviewers_to_tell, lambda pk: tell_waits_late(user_id=pk)),
    )


def _reminder(wait: Wait) -> Part:
    return Part(
        f"near: {wait.name}", wait.model, to_remind(wait.name), lambda pk: remind_of_wait(name=wait.name, row_id=pk)
    )


def _warn(investigation_id: int) -> bool:
    return warn_investigator(investigation_id=investigation_id)
