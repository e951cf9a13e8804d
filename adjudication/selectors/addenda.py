"""What jurors are given while they vote: its content, and how it reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from adjudication.models import Claim, Evidence
from adjudication.selectors.evidence import papers_for_addendum
from adjudication.selectors.facts import counting_facts
from adjudication.selectors.findings import late_findings
from adjudication.selectors.latest import latest_hearing
from adjudication.selectors.readable_files import ReadableFact, ReadablePaper, papers_in, readable_fact
from jury.models import Addendum, OpinionRequest, Panel, Seat
from jury.selectors.panels import rules_of
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
