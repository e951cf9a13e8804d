"""What waits for somebody in this room: seats, opinions, reports, decisions, answers, a word, a draft."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from adjudication.models import Hearing, Withdrawal
from adjudication.selectors.answers import answers_awaited
from adjudication.selectors.board import ready_for_decision
from adjudication.selectors.claims import own_claims
from adjudication.selectors.drafts import unsent_draft
from adjudication.selectors.investigations import investigations_of, waiting_investigations
from adjudication.selectors.opinions import asked_opinions
from adjudication.selectors.seats import summonses
from adjudication.selectors.serving import unreached_visible_to
from adjudication.selectors.withdrawals import withdrawals_to_note
from jury.access import is_juror
from jury.models import Panel
from members.access import AnyUser, is_investigator, is_professional, is_reviewer
from members.selectors.people import has_household
from pages.moments import page_now
from pages.waiting import Waiting, WaitingState

MOST = 20


def waiting_for(user: AnyUser) -> Iterator[Waiting]:
    """At most twenty of each kind; each part asks who is reading."""
    is_somebody = has_household(user)
    if is_somebody and is_juror(user):
        yield from _seats(user)
    if is_professional(user):
        yield from _opinions(user)
    if is_investigator(user):
        yield from _investigations(user)
    if is_reviewer(user):
        yield from _decisions(user)
        yield from _unreached(user)
    if is_reviewer(user) or is_investigator(user):
        yield from _withdrawals(user)
    if is_somebody:
        yield from _own_claims(user)
    draft = unsent_draft(user)
    if draft is not None:
        path, since = reverse("claim_new"), draft.saved_at
        yield Waiting(_("Finish your claim"), path, note=_("Saved"), since=since, state=WaitingState.STARTED)


def _seats(user: AnyUser) -> Iterator[Waiting]:
    for one in summonses(user).to_vote[:MOST]:
        words = _("Vote on claim %(ref)s") % {"ref": one.seat.panel.case_ref}
        yield Waiting(words, reverse("seat_detail", args=[one.seat.pk]), one.closes_at)


def _opinions(user: AnyUser) -> Iterator[Waiting]:
    for one in asked_opinions(user).to_give[:MOST]:
        request = one.opinion.request
        words = _("Give a second opinion on claim %(ref)s") % {"ref": request.case_ref}
        yield Waiting(words, reverse("opinion_detail", args=[one.opinion.pk]), request.due_at)


def _investigations(user: AnyUser) -> Iterator[Waiting]:
    for one in investigations_of(user)[:MOST]:
        text = _("Investigate claim %(ref)s again") if one.round > 1 else _("Investigate claim %(ref)s")
        path = reverse("investigation_detail", args=[one.pk])
        yield Waiting(text % {"ref": one.claim.ref}, path, one.due_at, state=WaitingState.STARTED)
    found = waiting_investigations(user).order_by().aggregate(number=Count("pk"), due_at=Min("due_at"))
    if found["number"]:
        text = ngettext(
            "%(number)s claim is waiting for an investigator",
            "%(number)s claims are waiting for an investigator",
            found["number"],
        )
        yield Waiting(text % {"number": found["number"]}, reverse("worklist"), found["due_at"])


def _decisions(user: AnyUser) -> Iterator[Waiting]:
    for claim in ready_for_decision(user)[:MOST]:
        words = _("Issue the decision on claim %(ref)s") % {"ref": claim.ref}
        path = reverse("decision_issue", args=[claim.ref])
        yield Waiting(words, path, note=_("In this state since"), since=claim.status_since)


def _withdrawals(user: AnyUser) -> Iterator[Waiting]:
    for withdrawal in withdrawals_to_note(user)[:MOST]:
        words = _("A hospital withdrew a record of claim %(ref)s: note what it means") % {"ref": _ref(withdrawal)}
        path = reverse("withdrawal", args=[withdrawal.pk])
        yield Waiting(words, path, note=_("Learned"), since=withdrawal.learned_at, state=WaitingState.PROBLEM)


def _ref(withdrawal: Withdrawal) -> str:
    return withdrawal.claim.ref if withdrawal.claim is not None else ""


def _unreached(user: AnyUser) -> Iterator[Waiting]:
    found = unreached_visible_to(user).order_by().aggregate(number=Count("pk"), since=Min("asked_at"))
    if found["number"]:
        text = ngettext(
            "%(number)s applicant was not reached", "%(number)s applicants were not reached", found["number"]
        )
        words, path = text % {"number": found["number"]}, reverse("unreached_list")
        yield Waiting(words, path, note=_("Asked"), since=found["since"], state=WaitingState.PROBLEM)


def _own_claims(user: AnyUser) -> Iterator[Waiting]:
    for answer in answers_awaited(user)[:MOST]:
        claim = answer.investigation.claim
        by_jury = _("Claim %(ref)s would be rejected: ask for the jury, or accept it")
        by_clause = _("Claim %(ref)s would be rejected by a clause: say what you think of it first")
        words = (by_clause if answer.clauses else by_jury) % {"ref": claim.ref}
        path = reverse("claim_answer", args=[claim.ref])
        if claim.hold_reason:
            yield Waiting(words, path, note=_("The claim is on hold, and your time does not run."))
        else:
            # After the end without a served notice no time runs, and they can still answer.
            is_stopped = answer.served_at is None and answer.due_at <= page_now()
            yield Waiting(words, path, None if is_stopped else answer.due_at)
    committed = Hearing.objects.filter(panel__status=Panel.Status.COMMITTED, panel__nonce="")
    to_come = committed.filter(panel__nonce_due_at__gt=page_now(), claim__in=own_claims(user).order_by().values("pk"))
    for hearing in to_come.select_related("claim", "panel").order_by("pk")[:MOST]:
        words = _("Add a word of your own to the draw for claim %(ref)s, if you like") % {"ref": hearing.claim.ref}
        yield Waiting(words, reverse("claim_nonce", args=[hearing.claim.ref]), hearing.panel.nonce_due_at)
