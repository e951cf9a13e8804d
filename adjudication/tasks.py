"""Nudges and the sweep: ids in, one service call, safe to run twice."""

from __future__ import annotations

from celery import shared_task

from adjudication.selectors.due import claims_due
from adjudication.selectors.reminders import answers_to_remind, investigations_near, investigations_passed
from adjudication.selectors.serving import answers_to_serve
from adjudication.services.advancing import advance_claim as advance
from adjudication.services.reminders import remind_applicant, warn_investigator
from adjudication.services.serving import serve_answer
from audit.services.sweeps import Part, sweep
from jury.selectors.reminders import opinions_to_remind, seats_to_remind
from jury.selectors.serving import seats_not_reached
from jury.services.draws import replace_unreached
from jury.services.reminders import remind_juror, remind_professional


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
    )


def _warn(investigation_id: int) -> bool:
    return warn_investigator(investigation_id=investigation_id)
