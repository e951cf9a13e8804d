"""How far the acts are for which this room's messages ask: of applicants, investigators and reviewers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from adjudication.models import Answer, Claim, Hearing, Investigation
from audit import clock
from audit.message_kinds import Asked, AskedState, Question
from jury.models import Panel

OVER, DONE = Asked(AskedState.OVER), Asked(AskedState.DONE)
_GIVEN = frozenset({Answer.Status.JURY, Answer.Status.ACCEPTED, Answer.Status.HEARD})
_SAME_ACT = dt.timedelta(minutes=1)
"""A question and its message have moments of one transaction that are not quite the same."""


def answers(questions: Sequence[Question]) -> list[Asked]:
    """Whether each applicant has answered the question that was open when the message was written; one query."""
    of_claim: dict[str, list[Answer]] = defaultdict(list)
    rows = Answer.objects.filter(investigation__claim__ref__in=_refs(questions)).select_related("investigation__claim")
    for answer in rows.order_by("asked_at", "pk"):
        of_claim[answer.investigation.claim.ref].append(answer)
    found = []
    for question in questions:
        asked = [one for one in of_claim[_ref(question)] if one.asked_at <= question.written_at + _SAME_ACT]
        found.append(_answer(asked[-1]) if asked else OVER)
    return found


def words(questions: Sequence[Question]) -> list[Asked]:
    """Whether each applicant has added a word to the draw; one query."""
    hearings = Hearing.objects.filter(claim__ref__in=_refs(questions)).select_related("claim", "panel")
    hearings = hearings.defer("panel__case_file", "panel__case_facts")
    found = {(one.claim.ref, one.panel.nonce_due_at): _word(one.panel) for one in hearings}
    keys = [(_ref(one), dt.datetime.fromisoformat(str(one.params["word_by"]))) for one in questions]
    return [found.get(key, OVER) for key in keys]


def reports(questions: Sequence[Question]) -> list[Asked]:
    """Whether each report is signed; one query."""
    ids = [int(question.params.get("investigation", 0)) for question in questions]
    rows = Investigation.objects.filter(pk__in=ids).only("status", "due_at", "signed_at")
    found = {one.pk: _report(one) for one in rows}
    return [found.get(int(question.params.get("investigation", 0)), OVER) for question in questions]


def takings(questions: Sequence[Question]) -> list[Asked]:
    """Whether somebody has taken each claim that waited for an investigator; one query."""
    rows = Claim.objects.filter(ref__in=_refs(questions)).values_list("ref", "investigations__status")
    known: dict[str, set[str]] = defaultdict(set)
    for ref, status in rows:
        known[ref].add(status)
    return [_taking(known.get(_ref(question)), question) for question in questions]


def holds(questions: Sequence[Question]) -> list[Asked]:
    """Whether each hold was lifted or renewed since the message was written; one query."""
    rows = Claim.objects.filter(ref__in=_refs(questions)).values_list("ref", "hold_until")
    known = dict(rows)
    return [_hold(known[_ref(one)], one) if _ref(one) in known else OVER for one in questions]


def _refs(questions: Sequence[Question]) -> set[str]:
    return {_ref(question) for question in questions}


def _ref(question: Question) -> str:
    return str(question.params.get("ref", ""))


def _answer(answer: Answer) -> Asked:
    if answer.status in _GIVEN:
        return DONE
    if answer.status != Answer.Status.ASKED:
        return OVER
    # On hold, or after the end without a served notice, no time runs, and the applicant can still answer.
    is_stopped = bool(answer.investigation.claim.hold_reason)
    is_stopped = is_stopped or (answer.served_at is None and answer.due_at <= clock.now())
    return Asked(AskedState.OPEN, None if is_stopped else answer.due_at)


def _word(panel: Panel) -> Asked:
    if panel.nonce:
        return DONE
    is_open = panel.status == Panel.Status.COMMITTED
    return Asked(AskedState.OPEN, panel.nonce_due_at) if is_open else OVER


def _taking(statuses: set[str] | None, question: Question) -> Asked:
    if statuses is None:
        return OVER
    return Asked(AskedState.OPEN, _due(question)) if Investigation.Status.WAITING in statuses else DONE


def _hold(until: dt.datetime | None, question: Question) -> Asked:
    return Asked(AskedState.OPEN, until) if until is not None and until <= _due(question) else DONE


def _due(question: Question) -> dt.datetime:
    return dt.datetime.fromisoformat(str(question.params["due_at"]))


def _report(investigation: Investigation) -> Asked:
    if investigation.signed_at is not None:
        return DONE
    is_open = investigation.status == Investigation.Status.OPEN
    # After its deadline it can still be signed, until the claim is taken off its investigator.
    due_at = investigation.due_at if investigation.due_at > clock.now() else None
    return Asked(AskedState.OPEN, due_at) if is_open else OVER
