"""What jurors are given while they vote: its content, and how it reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from adjudication.models import Claim, Dismissal, Evidence, Finding
from adjudication.rules.facts import DISMISSED, REPLACED, WITHDRAWN, Standing
from adjudication.selectors.evidence import papers_for_addendum
from adjudication.selectors.facts import counting_facts
from adjudication.selectors.findings import late_findings
from adjudication.selectors.latest import latest_hearing
from adjudication.selectors.readable_files import ReadableFact, ReadablePaper, papers_in, readable_fact
from jury.models import Addendum, OpinionRequest, Panel, Seat
from jury.selectors.panels import rules_of
from members.rules.dates import local_day
from members.rules.plans import PlanRules
from pages.moments import page_now


@dataclass(frozen=True)
class ReadableAddendum:
    """An addendum in the reader's language."""

    text: str
    facts: tuple[ReadableFact, ...]
    released_at: dt.datetime
    closes_at: dt.datetime
    content: Mapping[str, Any]
    papers: tuple[ReadablePaper, ...] = ()


def addendum_content(claim: Claim, text: str, papers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What jurors read of the late findings that wait: values, sources and confidence, no name; with the papers that
    are given to them.
    """
    stated = counting_facts(claim)
    return {
        "text": text,
        "facts": [
            {
                "fact": one.fact,
                "stated": stated[one.fact].stated,
                "value": one.value,
                "standing": one.standing.value,
                "source": one.source.value,
                "confidence": one.confidence.value,
                "note": one.jury_note,
            }
            for one in late_findings(claim)
        ],
        "papers": list(papers),
    }


def earlier_addenda(claim: Claim) -> list[dict[str, Any]]:
    """What the jurors of earlier rounds were given while they voted: the next ones read it from the beginning, and
    beside each fact what became of its finding since.
    """
    findings = list(claim.findings.select_related("dismissal").order_by("pk"))
    addenda = Addendum.objects.filter(panel__case_ref=claim.ref).select_related("panel").order_by("panel__round")
    zone = claim.plan_version.rules.timezone
    return [
        {
            "round": one.panel.round,
            "text": one.content["text"],
            "facts": [
                fact | {"since": _since(_finding_given(fact, one.released_at, findings), findings, zone)}
                for fact in one.content["facts"]
            ],
            "papers": one.content.get("papers", []),
        }
        for one in addenda
    ]


def _finding_given(fact: Mapping[str, Any], released_at: dt.datetime, findings: Sequence[Finding]) -> Finding | None:
    """The late finding that an addendum shows as this fact: of equal ones the last before its release."""
    said = tuple(fact[name] for name in ("fact", "standing", "value", "source", "note"))
    equal = [
        one
        for one in findings
        if one.is_late
        and one.found_at <= released_at
        and (one.fact, one.standing.value, one.value, one.source.value, one.jury_note) == said
    ]
    return equal[-1] if equal else None


def _since(given: Finding | None, findings: Sequence[Finding], zone: str) -> list[dict[str, str]]:
    """Whether a finding, and what took its place, was dismissed, withdrawn or replaced, each with its day.

    Without the reviewer's reason, which is not written for jurors.
    """
    replaced_by = {one.replaces_id: one for one in findings if one.replaces_id}
    happened: list[dict[str, str]] = []
    while given is not None:
        dismissal: Dismissal | None = getattr(given, "dismissal", None)
        if dismissal is not None:
            happened.append({"kind": DISMISSED, "on": local_day(dismissal.dismissed_at, zone).isoformat()})
        given = replaced_by.get(given.pk)
        if given is not None:
            happened.append(_replacement(given, zone))
    return happened


def _replacement(later: Finding, zone: str) -> dict[str, str]:
    on = local_day(later.found_at, zone).isoformat()
    if later.standing is Standing.WITHDRAWN:
        return {"kind": WITHDRAWN, "on": on}
    return {"kind": REPLACED, "on": on, "standing": later.standing.value, "value": later.value}


def addendum_of(panel: Panel) -> ReadableAddendum | None:
    """The addendum to a panel's file; None where there is none."""
    if panel.addendum_at is None:
        return None
    addendum = Addendum.objects.get(panel=panel)
    content = addendum.content
    return ReadableAddendum(
        text=content["text"],
        facts=facts_in(content, rules_of(panel)),
        released_at=addendum.released_at,
        closes_at=addendum.closes_at,
        content=content,
        papers=papers_in(content),
    )


def facts_in(content: Mapping[str, Any], rules: PlanRules) -> tuple[ReadableFact, ...]:
    """The facts of an addendum's content, in the reader's language and the words of the panel's rules."""
    return tuple(readable_fact(entry, rules) for entry in content["facts"])


def addendum_for_doctors(request: OpinionRequest) -> ReadableAddendum | None:
    """The addendum that the panel read whose verdict led to a second opinion."""
    panel = Panel.objects.filter(case_ref=request.case_ref, round=request.round).first()
    return addendum_of(panel) if panel else None


def has_news(seat: Seat) -> bool:
    """Whether an addendum came after the juror's last ballot."""
    released = seat.panel.addendum_at
    if released is None:
        return False
    last = seat.ballots.aggregate(last=Max("cast_at"))["last"]
    return last is not None and last <= released


def can_release(claim: Claim) -> bool:
    """Whether jurors are voting who have not been given an addendum, so that what came late can be given to them."""
    hearing = latest_hearing(claim)
    if claim.status != Claim.Status.JURY_REVIEW or hearing is None:
        return False
    panel = hearing.panel
    is_open = panel.status == Panel.Status.OPEN and panel.closes_at is not None and panel.closes_at > page_now()
    return is_open and panel.addendum_at is None


def addendum_on(claim: Claim) -> ReadableAddendum | None:
    """The addendum that the last panel on a claim was given."""
    hearing = latest_hearing(claim)
    return addendum_of(hearing.panel) if hearing else None


def papers_to_choose(claim: Claim) -> list[tuple[str, str]]:
    """The papers of a claim that jurors may still be given, by number, with title and kind."""
    return [(str(one.pk), _title_of(one)) for one in papers_for_addendum(claim)]


def _title_of(paper: Evidence) -> str:
    kind = str(paper.get_kind_display())
    return f"{paper.title} ({kind})" if paper.title else kind


def addendum_as_data(addendum: ReadableAddendum | None) -> dict[str, Any] | None:
    """An addendum as it is stored, with its moments, for the API."""
    if addendum is None:
        return None
    return {**addendum.content, "released_at": addendum.released_at, "closes_at": addendum.closes_at}
