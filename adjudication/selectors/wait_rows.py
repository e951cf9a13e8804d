"""The claims that wait, one query for each kind of wait; `adjudication/waits.py` is the table that names them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from adjudication.models import Answer, Claim, Finding, Hearing, Investigation, Withdrawal
from adjudication.models.claims import OPEN_STATUSES, Lacking
from adjudication.rules.facts import Standing
from adjudication.rules.rounds import BY_THE_SERVICE
from adjudication.selectors.board import AT_REST
from adjudication.selectors.findings import FINDABLE
from adjudication.selectors.wait_terms import Terms, fixed, later, running
from adjudication.selectors.withdrawals import CONCERNED
from audit import clock
from jury.models import OpinionRequest, Panel
from jury.rules.published import LONGEST_WAIT
from members.models import IdentityQuestion

Rows = QuerySet[Any]
STEP_TAKES = dt.timedelta(minutes=2)
"""How long a step that is due may wait for the workers; they look every few seconds."""
VERSION = "claim__plan_version"
NOT_HELD = {"claim__hold_reason": ""}


def untaken(terms: Terms) -> Rows:
    """Investigations that nobody has taken, and that any investigator can take."""
    return _waiting(terms, is_barred=False)


def needs_another(terms: Terms) -> Rows:
    """Investigations that nobody has taken, of claims on which an investigator's reports were returned too often."""
    return _waiting(terms, is_barred=True)


def _waiting(terms: Terms, *, is_barred: bool) -> Rows:
    returned = Investigation.objects.filter(claim=OuterRef("claim"), round__gt=1).exclude(reason__in=BY_THE_SERVICE)
    number = returned.order_by().values("claim").annotate(number=Count("pk")).values("number")
    found = Investigation.objects.filter(status=Investigation.Status.WAITING, **NOT_HELD).annotate(
        _returned=Coalesce(Subquery(number), 0, output_field=IntegerField()),
        _most=terms.number(VERSION, lambda rules: rules.waits.returns_to_same),
    )
    barred = Q(_most__isnull=False, _returned__gte=F("_most"))
    found = found.filter(barred) if is_barred else found.exclude(barred)
    since = later(F("opened_at"), F("claim__released_at"))
    return running(
        found, claim="claim_id", since=since, until=terms.after(since, VERSION, lambda rules: rules.waits.take_days)
    )


def at_work(_terms: Terms) -> Rows:
    """Investigations in progress, before their deadline."""
    found = Investigation.objects.filter(status=Investigation.Status.OPEN, due_at__gt=clock.now(), **NOT_HELD)
    return running(found, claim="claim_id", since=F("taken_at"), until=F("due_at"))


def overdue(terms: Terms) -> Rows:
    """Investigations in progress after their deadline; who took one late has the whole time all the same."""
    found = Investigation.objects.filter(status=Investigation.Status.OPEN, due_at__lte=clock.now(), **NOT_HELD)
    whole = terms.after(F("taken_at"), VERSION, lambda rules: rules.claims.investigation_days)
    from_ = later(F("due_at"), whole, F("claim__released_at"))
    until = terms.after(from_, VERSION, lambda rules: rules.waits.overdue_days)
    return running(found, claim="claim_id", since=F("due_at"), until=until)


def due_steps(_terms: Terms) -> Rows:
    """Claims of which the service itself has the next step to take: nothing but the workers is waited for."""
    unsealed = Hearing.objects.filter(
        claim=OuterRef("pk"), panel__status=Panel.Status.COMMITTED, panel__checkpoint_size=None
    )
    closing = Hearing.objects.filter(claim=OuterRef("pk"), panel__in=_closing())
    found = Claim.objects.filter(
        ~Exists(unsealed), ~Exists(closing), status__in=AT_REST, due_at__lte=clock.now(), hold_reason=""
    )
    since = later(F("due_at"), F("status_since"), F("released_at"))
    return running(found, claim="pk", since=since, until=fixed(since, STEP_TAKES))


def answers_asked(_terms: Terms) -> Rows:
    """Applicants whose time to answer runs: the question has reached them."""
    found = Answer.objects.filter(
        status=Answer.Status.ASKED, served_at__isnull=False, investigation__claim__hold_reason=""
    )
    since = Coalesce(F("runs_from"), F("asked_at"))
    return running(found, claim="investigation__claim_id", since=since, until=F("due_at"))


def answers_unserved(_terms: Terms) -> Rows:
    """Applicants whom the question has not reached as far as is known: nothing follows from their silence."""
    found = Answer.objects.filter(status=Answer.Status.ASKED, served_at=None, investigation__claim__hold_reason="")
    return running(found, claim="investigation__claim_id", since=Coalesce(F("runs_from"), F("asked_at")))


def decisions(terms: Terms) -> Rows:
    """Claims whose decision can be issued."""
    found = Claim.objects.filter(status__in=AT_REST, due_at=None, hold_reason="", lacking="")
    ends = [
        _last(Investigation.objects.filter(claim=OuterRef("pk")), "claim", "signed_at"),
        _last(Answer.objects.filter(investigation__claim=OuterRef("pk")), "investigation__claim", "ended_at"),
        _last(Hearing.objects.filter(claim=OuterRef("pk")), "claim", "panel__closed_at"),
        _last(Hearing.objects.filter(claim=OuterRef("pk")), "claim", "opinion_request__closed_at"),
    ]
    since = later(F("status_since"), F("released_at"), *ends)
    until = terms.after(since, "plan_version", lambda rules: rules.waits.decide_days)
    return running(found, claim="pk", since=since, until=until)


def _last(rows: QuerySet[Any], group: str, moment: str) -> Subquery:
    return Subquery(rows.order_by().values(group).annotate(_last=Max(moment)).values("_last"))


def late_findings(terms: Terms) -> Rows:
    """What was found after a report and waits for a reviewer to say what follows; no decision is issued before."""
    last = _last(Investigation.objects.filter(claim=OuterRef("claim")), "claim", "round")
    found = Finding.objects.filter(
        is_late=True, replaced_by=None, dismissal=None, claim__status__in=FINDABLE, investigation__round=last
    ).exclude(standing=Standing.WITHDRAWN)
    found = found.exclude(claim__status=Claim.Status.UNDER_INVESTIGATION)
    until = terms.after(F("found_at"), VERSION, lambda rules: rules.waits.note_days)
    return running(found, claim="claim_id", since=F("found_at"), until=until)


def withdrawals(terms: Terms) -> Rows:
    """Records that a hospital withdrew and that nobody has noted; a hold does not stop this one."""
    found = Withdrawal.objects.filter(noted_at=None, claim__status__in=CONCERNED)
    until = terms.after(F("learned_at"), VERSION, lambda rules: rules.waits.note_days)
    return running(found, claim="claim_id", since=F("learned_at"), until=until)


def identities(terms: Terms) -> Rows:
    """Claims of people about whose identity there is a doubt: nothing is approved before it is settled."""
    unsettled = [IdentityQuestion.Status.OPEN, IdentityQuestion.Status.REFUTED]
    found = Claim.objects.filter(
        status__in=OPEN_STATUSES, membership__person__identity_question__status__in=unsettled
    ).exclude(status=Claim.Status.APPROVED)
    since = later(F("submitted_at"), F("membership__person__identity_question__asked_at"))
    until = terms.after(since, "plan_version", lambda rules: rules.waits.note_days)
    return running(found, claim="pk", since=since, until=until)


def without_jurors(terms: Terms) -> Rows:
    """Claims whose hearing is due, in a plan without a juror."""
    return _lacking(terms, Lacking.JURORS, lambda rules: rules.waits.no_jurors_days)


def without_doctor(terms: Terms) -> Rows:
    """Claims that need a second opinion, and nobody who is free to can give it."""
    return _lacking(terms, Lacking.PROFESSIONALS, lambda rules: rules.waits.no_doctor_days)


def _lacking(terms: Terms, lacking: Lacking, days: Any) -> Rows:
    found = Claim.objects.filter(status__in=AT_REST, lacking=lacking, hold_reason="")
    since = later(F("lacking_since"), F("released_at"))
    return running(found, claim="pk", since=since, until=terms.after(since, "plan_version", days))


def words_awaited(_terms: Terms) -> Rows:
    """Draws to which the applicant may still add a word."""
    found = _committed().filter(panel__nonce="", panel__nonce_due_at__gt=clock.now())
    return running(found, claim="claim_id", since=F("panel__committed_at"), until=F("panel__nonce_due_at"))


def draws_unsealed(_terms: Terms) -> Rows:
    """Draws that are due, and whose announcement no checkpoint of the log covers yet."""
    due = ~Q(panel__nonce="") | Q(panel__nonce_due_at__lte=clock.now())
    found = _committed().filter(due, panel__checkpoint_size=None)
    return running(found, claim="claim_id", since=F("panel__committed_at"))


def _committed() -> QuerySet[Hearing]:
    return Hearing.objects.filter(panel__status=Panel.Status.COMMITTED, **NOT_HELD)


def votes(_terms: Terms) -> Rows:
    """Votes that are open: jurors are summoned, and read, and vote."""
    found = Hearing.objects.filter(panel__status=Panel.Status.OPEN, panel__close_waits_since=None, **NOT_HELD)
    return running(found, claim="claim_id", since=F("panel__drawn_at"), until=F("panel__closes_at"))


def closes(_terms: Terms) -> Rows:
    """Votes that are over and wait to be counted for a checkpoint over their ballots."""
    since = F("panel__close_waits_since")
    found = Hearing.objects.filter(panel__in=_closing(), **NOT_HELD)
    return running(found, claim="claim_id", since=since, until=fixed(since, LONGEST_WAIT))


def _closing() -> QuerySet[Panel]:
    return Panel.objects.filter(status=Panel.Status.OPEN, close_waits_since__isnull=False)


def opinions(_terms: Terms) -> Rows:
    """Second opinions that are asked for."""
    found = Hearing.objects.filter(opinion_request__status=OpinionRequest.Status.OPEN, **NOT_HELD)
    request = "opinion_request__"
    return running(found, claim="claim_id", since=F(f"{request}opened_at"), until=F(f"{request}due_at"))


def holds(_terms: Terms) -> Rows:
    """Claims on hold. An approved one that rests on a withdrawn record stays so until somebody has noted it.

    One of a release that gave it no end is over at once: the sweep then gives it one.
    """
    found = Claim.objects.filter(status__in=OPEN_STATUSES).exclude(hold_reason="")
    since = Coalesce(F("held_since"), F("status_since"))
    return running(found, claim="pk", since=since, until=Coalesce(F("hold_until"), since))
