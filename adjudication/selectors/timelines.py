"""A claim's history: what happened, what happens next, and until when. Names nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from adjudication.models import Answer, Claim, Decision, Hearing, Investigation
from adjudication.selectors.answers import latest_answer
from adjudication.selectors.binding import is_by_clause
from adjudication.selectors.latest import latest_hearing, latest_investigation
from audit.models import Entry
from audit.rooms import every_name, present_kind


@dataclass(frozen=True)
class Event:
    """Something that happened to a claim, in words."""

    at: dt.datetime
    title: str
    text: str = ""


@dataclass(frozen=True)
class NextStep:
    """What happens next, what is asked of the reader, and until when."""

    title: str
    text: str
    until: dt.datetime | None = None
    awaits_nonce: bool = False
    awaits_answer: bool = False


def timeline(claim: Claim) -> list[Event]:
    """What happened to a claim, oldest first.

    The dates come from the claim's own rows; the log adds the acts that leave no row. No ballot, no name, no finding.
    """
    events = [Event(claim.submitted_at, _("Claim filed"), _("The plan's rules were checked at once."))]
    events += _investigations(claim)
    events += _answers(claim)
    events += _hearings(claim)
    events += _decisions(claim)
    events += _logged(claim)
    return sorted(events, key=lambda event: event.at)


def _investigations(claim: Claim) -> Iterator[Event]:
    for one in claim.investigations.order_by("round"):
        if one.round > 1:
            yield Event(one.opened_at, _("Sent back for further investigation"))
        if one.taken_at:
            yield Event(one.taken_at, _("An investigator took the claim"))
        if one.signed_at:
            text = _("The evidence is frozen: everyone who judges the claim sees the same file.")
            yield Event(one.signed_at, _("Investigation report signed"), text)


def _answers(claim: Claim) -> Iterator[Event]:
    ended = {
        Answer.Status.JURY: _("The applicant asked for the jury"),
        Answer.Status.ACCEPTED: _("The applicant accepted that the claim is rejected"),
        Answer.Status.HEARD: _("The applicant spoke to the rejection"),
        Answer.Status.SILENT: _("No answer came in time, which counts as consent"),
    }
    for answer in Answer.objects.filter(investigation__claim=claim).order_by("pk"):
        text = (
            _("A clause that binds would reject the claim: the applicant may speak first.")
            if is_by_clause(answer)
            else _("The report would reject the claim: the applicant may ask for the jury.")
        )
        yield Event(answer.asked_at, _("The applicant was asked"), text)
        if answer.status in ended and answer.ended_at:
            yield Event(answer.ended_at, ended[Answer.Status(answer.status)])


def _hearings(claim: Claim) -> Iterator[Event]:
    for hearing in claim.hearings.select_related("panel", "opinion_request").order_by("round"):
        panel = hearing.panel
        title = (
            _("A further draw of jurors was announced") if hearing.round > 1 else _("The draw of jurors was announced")
        )
        yield Event(panel.committed_at, title)
        if panel.drawn_at:
            yield Event(panel.drawn_at, _("Jurors were drawn and voting began"))
        if panel.closed_at and panel.status == "closed":
            yield Event(panel.closed_at, _("The jury's vote closed"))
        request = hearing.opinion_request
        if request is not None:
            yield Event(request.opened_at, _("Doctors were asked for a second opinion"))
            if request.closed_at:
                yield Event(request.closed_at, _("The second opinion was given"))


def _decisions(claim: Claim) -> Iterator[Event]:
    for decision in claim.decisions.order_by("sequence"):
        approved = decision.outcome == Decision.Outcome.APPROVED
        yield Event(decision.decided_at, _("Claim approved") if approved else _("Claim rejected"))


def _logged(claim: Claim) -> Iterator[Event]:
    titles = {
        "claim.withdrawn": _("Claim withdrawn"),
        "claim.settled": _("Aid paid"),
        "evidence.added": _("A paper was added"),
        "report.returned": _("The report was returned to the investigators"),
    }
    for entry in Entry.objects.filter(stream=claim.stream, kind__in=every_name(*titles)).order_by("pk"):
        yield Event(entry.recorded_at, titles[present_kind(entry.kind)])


def next_step(claim: Claim) -> NextStep:
    """What happens next to a claim, in words for the member, and until when."""
    if claim.hold_reason:
        answer = latest_answer(claim)
        awaits = answer is not None and answer.status == Answer.Status.ASKED
        return NextStep(_("The claim is on hold"), claim.hold_reason, awaits_answer=awaits)
    if claim.status in {Claim.Status.SUBMITTED, Claim.Status.UNDER_INVESTIGATION}:
        return _next_of_investigation(claim)
    if claim.status == Claim.Status.INVESTIGATED:
        return _next_of_report(claim)
    if claim.status in {Claim.Status.JURY_REVIEW, Claim.Status.SECOND_OPINION}:
        return _next_of_hearing(claim, latest_hearing(claim))
    return _next_of_closed(claim)


def _next_of_investigation(claim: Claim) -> NextStep:
    if claim.status == Claim.Status.SUBMITTED:
        text = _("An investigator will take the claim and speak with you. You can still add papers.")
        return NextStep(_("Waiting for an investigator"), text, claim.due_at)
    current = latest_investigation(claim)
    if current is not None and current.status == Investigation.Status.WAITING:
        text = _("The claim needs further investigation. An investigator will take it. You can still add papers.")
        return NextStep(_("Waiting for an investigator"), text, current.due_at)
    text = _("They speak with you, visit the hospitals and ask the insurers. You can still add papers.")
    return NextStep(_("An investigator is at work"), text, current.due_at if current else claim.due_at)


def _next_by_clause(answer: Answer) -> NextStep:
    if answer.status == Answer.Status.ASKED:
        text = _(
            "A clause of the rules that binds is not met, and a second investigation found the same. No jury can "
            "change that. The applicant may speak before the claim is rejected."
        )
        return NextStep(_("The applicant is heard"), text, answer.due_at, awaits_answer=True)
    text = _("The applicant was heard, and a reviewer reads what they said.")
    return NextStep(_("The decision is being prepared"), text)


def _next_of_report(claim: Claim) -> NextStep:
    answer = latest_answer(claim)
    if answer is not None and is_by_clause(answer):
        return _next_by_clause(answer)
    if claim.plan_version.rules.jury.policy == "all":
        return NextStep(_("The report is signed"), _("A jury of members will be drawn by lot."))
    if answer is None:
        text = _(
            "Under this plan the jury sits on disputed claims only, and this one is supported by the investigator."
        )
        return NextStep(_("The decision is being prepared"), text)
    if answer.status == Answer.Status.ASKED:
        text = _(
            "By the investigator's report the claim would be rejected. The applicant may ask for a jury of members, "
            "or accept it; no answer in time counts as consent."
        )
        return NextStep(_("The applicant is asked"), text, answer.due_at, awaits_answer=True)
    if answer.status == Answer.Status.JURY:
        return NextStep(_("The applicant asked for the jury"), _("A jury of members will be drawn by lot."))
    text = (
        _("The applicant accepted the rejection.")
        if answer.status == Answer.Status.ACCEPTED
        else _("The applicant did not answer in time, which counts as consent to the rejection.")
    )
    return NextStep(_("The decision is being prepared"), text)


def _next_of_hearing(claim: Claim, hearing: Hearing | None) -> NextStep:
    if hearing is None:
        return NextStep(_("The report is signed"), _("A jury of members will be drawn by lot."), claim.due_at)
    request = hearing.opinion_request
    if claim.status == Claim.Status.SECOND_OPINION and request is not None and request.status == "open":
        text = _("Doctors answer the medical questions. They do not learn who you are.")
        return NextStep(_("With the doctors"), text, request.due_at)
    panel = hearing.panel
    if panel.status == "committed":
        if panel.nonce:
            return NextStep(_("Your word is in the draw"), _("The jurors are about to be drawn."))
        text = _("You may add a word of your own to the draw, so that nobody can know its result in advance.")
        return NextStep(_("Jurors will be drawn"), text, panel.nonce_due_at, awaits_nonce=True)
    if panel.status == "open":
        text = _("The jurors read the file without names and vote in secret. Nobody sees a count before the end.")
        return NextStep(_("The jury votes"), text, panel.closes_at)
    return NextStep(_("The decision is being prepared"), _("A reviewer checks what the rules say, and issues it."))


def _next_of_closed(claim: Claim) -> NextStep:
    if claim.status == Claim.Status.APPROVED:
        text = _("It appears in the next notice, which everyone can read. Then the cost is shared and you are paid.")
        return NextStep(_("The claim is approved"), text)
    if claim.status == Claim.Status.PAID:
        return NextStep(_("The aid is paid"), _("There is nothing more for you to do."))
    if claim.status == Claim.Status.REJECTED:
        return NextStep(_("The claim is rejected"), _("The reasons are given below. The procedure is over."))
    return NextStep(_("The claim is withdrawn"), _("Nothing more happens. You can file another claim."))
