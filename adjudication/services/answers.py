"""Telling an applicant that the claim would be rejected, and recording their answer: the jury, or consent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from adjudication.errors.answers import AnswerTooLate, AnswerUnknown, NoAnswerAwaited, WordsMissing
from adjudication.errors.claims import NotYourClaim, TextTooLong
from adjudication.models import Answer, Claim, Investigation
from adjudication.queue import nudge
from adjudication.selectors.claims import is_own_claim
from adjudication.services.locks import locked_claim
from adjudication.services.states import wait_until
from adjudication.services.telling import tell_applicants
from audit import clock
from audit.actors import Actor
from audit.services import append
from members.models import User
from members.rules.dates import local_day, start_of_day

JURY, ACCEPTED, HEARD = Answer.Status.JURY.value, Answer.Status.ACCEPTED.value, Answer.Status.HEARD.value
CHOICES = (JURY, ACCEPTED)
CHOICES_BY_CLAUSE = (HEARD, ACCEPTED)
DAYS_BY_CLAUSE = 15
"""The time in which an applicant is heard on a rejection by clause, where the plan gives none for asking for a jury."""
LONGEST_WORDS = 4_000
_TAKEN = {
    JURY: "adjudication.answer_jury",
    ACCEPTED: "adjudication.answer_accepted",
    HEARD: "adjudication.answer_heard",
}
_ASKED = {False: "answer.asked", True: "clause.announced"}
"""The entry of asking, by whether clauses are announced; `_ANSWERED` is that of the answer."""
_ANSWERED = {False: "answer.given", True: "answer.heard"}


def ask_applicant(*, claim: Claim, investigation: Investigation, by: Actor, clauses: Sequence[str] = ()) -> Answer:
    """Ask the applicant whether they want the jury; or hear them on the `clauses` that bind and would reject the claim.

    The caller has locked the claim's row.
    """
    now = clock.now()
    answer = Answer.objects.create(
        investigation=investigation, asked_at=now, runs_from=now, due_at=due_from(claim, now), clauses=list(clauses)
    )
    wait_until(claim, answer.due_at)
    body: dict[str, Any] = {"round": investigation.round, "due_at": answer.due_at.isoformat()}
    told = "adjudication.answer_asked"
    if clauses:
        told = "adjudication.clause_announced"
        body["clauses"] = list(clauses)
    entry = append(kind=_ASKED[bool(clauses)], stream=claim.stream, by=by, body=body)
    answer.notice_entry = entry
    answer.save(update_fields=["notice_entry"])
    tell_applicants(told, claim, entry, due_at=answer.due_at)
    return answer


@transaction.atomic
def answer_report(*, claim_ref: str, choice: str, by: User, words: str = "") -> Answer:
    """The applicant asks for the jury, or accepts the rejection; on a rejection by clause they speak, with `words`, or
    accept it. Either is final for this report.

    Possible until the deadline; while the claim is on hold the time does not run. Raises ClaimUnknown, NotYourClaim,
    NoAnswerAwaited, AnswerUnknown, WordsMissing, TextTooLong, AnswerTooLate.
    """
    claim = locked_claim(ref=claim_ref)
    if not is_own_claim(by, claim):
        raise NotYourClaim
    if choice not in {*CHOICES, *CHOICES_BY_CLAUSE}:
        raise AnswerUnknown(allowed=CHOICES)
    now = clock.now()
    answer = _awaited(claim)
    if answer is None:
        raise NoAnswerAwaited(ref=claim.ref)
    allowed = CHOICES_BY_CLAUSE if answer.clauses else CHOICES
    if choice not in allowed:
        raise AnswerUnknown(allowed=allowed)
    # `<=` as in advance_claim: at the deadline itself the answer has lapsed, even if no sweep has run yet.
    # Nor has it lapsed while nothing shows that the question reached them.
    if answer.due_at <= now and answer.served_at is not None and not claim.hold_reason:
        raise AnswerTooLate(ref=claim.ref, at=answer.due_at)
    if choice == HEARD:
        answer.words = _checked_words(words)
    {JURY: answer.ask_for_jury, ACCEPTED: answer.accept, HEARD: answer.speak}[choice]()
    answer.ended_at, answer.answered_by = now, by
    answer.save(update_fields=["status", "words", "ended_at", "answered_by"])
    wait_until(claim, now)
    body = {"round": answer.investigation.round, "answer": choice}
    entry = append(kind=_ANSWERED[bool(answer.clauses)], stream=claim.stream, by=by, body=body)
    tell_applicants(_TAKEN[choice], claim, entry)
    nudge(claim.pk)
    return answer


def lapse_answer(*, claim: Claim, answer: Answer, by: Actor) -> None:
    """Record that the deadline has passed: no answer counts as consent. The caller has locked the claim's row."""
    answer.lapse()
    answer.ended_at = clock.now_after(answer.asked_at)
    answer.save(update_fields=["status", "ended_at"])
    body = {"round": answer.investigation.round}
    entry = append(kind="answer.lapsed", stream=claim.stream, by=by, body=body)
    tell_applicants("adjudication.answer_lapsed", claim, entry)


def void_answer(*, claim: Claim, by: Actor) -> None:
    """Stop waiting for an answer because the report was returned or the claim withdrawn. The claim's row is locked."""
    answer = _awaited(claim)
    if answer is None:
        return
    answer.void()
    answer.ended_at = clock.now_after(answer.asked_at)
    answer.save(update_fields=["status", "ended_at"])
    append(kind="answer.voided", stream=claim.stream, by=by, body={"round": answer.investigation.round})


def renew_time(*, claim: Claim, by: Actor) -> bool:
    """Restart the full time after a hold, where an answer is awaited; returns whether one is. The claim's row is
    locked.
    """
    answer = _awaited(claim)
    if answer is None:
        return False
    answer.runs_from = clock.now_after(answer.asked_at)
    answer.due_at = due_from(claim, answer.runs_from)
    wait_until(claim, answer.due_at)
    body = {"round": answer.investigation.round, "due_at": answer.due_at.isoformat()}
    entry = append(kind="answer.renewed", stream=claim.stream, by=by, body=body)
    # A new notice, which has to be served like the first.
    answer.notice_entry, answer.served_at, answer.served_by, answer.restarts = entry, None, "", 0
    answer.save(update_fields=["runs_from", "due_at", "notice_entry", "served_at", "served_by", "restarts"])
    tell_applicants("adjudication.answer_renewed", claim, entry, due_at=answer.due_at)
    return True


def _checked_words(words: str) -> str:
    words = words.strip()
    if not words:
        raise WordsMissing
    if len(words) > LONGEST_WORDS:
        raise TextTooLong(what=_("The text"), limit=LONGEST_WORDS)
    return words


def _awaited(claim: Claim) -> Answer | None:
    found = Answer.objects.select_for_update(of=("self",)).select_related("investigation")
    return found.filter(investigation__claim=claim, status=Answer.Status.ASKED).first()


def due_from(claim: Claim, at: dt.datetime, times: int = 1) -> dt.datetime:
    """The end of the applicant's time, or twice of it, that runs from a moment.

    00:00 after the last day, in the plan's time zone; the day of that moment is not counted.
    """
    days, zone = claim.plan_version.rules.jury.answer_days or DAYS_BY_CLAUSE, claim.plan.timezone
    return start_of_day(local_day(at, zone) + dt.timedelta(days=days * times + 1), zone)
