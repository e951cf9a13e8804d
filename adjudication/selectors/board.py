"""The reviewer's board: all claims by state, and one claim in full."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Prefetch, Q, QuerySet
from django.utils.functional import Promise

from adjudication.models import Claim, Decision, DutyRecord, Evidence, Hearing, Investigation, Remark
from adjudication.models.claims import OPEN_STATUSES, ClaimStatus
from adjudication.selectors.addenda import can_release
from adjudication.selectors.case_days import CaseDays, case_days
from adjudication.selectors.checks import CheckStep, steps_of
from adjudication.selectors.claims import BoardFilters, board, claims_visible_to, own_claims
from adjudication.selectors.conflicts import claims_in_conflict
from adjudication.selectors.decisions import Proposal, proposed_decision, readable_basis
from adjudication.selectors.facts import age_of, aid_band, counting_facts
from adjudication.selectors.findings import FactRow, FindingRow, fact_rows, late_rows, remarks_on
from adjudication.selectors.readable_files import illness_title, reason_texts
from audit.models import Entry
from jury.models import BallotOpening, Opinion, Panel, Seat
from jury.selectors.opinions import opinions_visible_to
from jury.selectors.panels import Turnout, opened_ballots, turnout
from members.access import AnyUser, is_auditor, is_reviewer
from members.models import User
from members.rules.plans import AidBand
from members.rules.verdicts import Opinion as OpinionValue
from members.rules.verdicts import RoundOutcome, Verdict
from pages.moments import page_now

AT_REST = ("investigated", "jury_review", "second_opinion")
"""Where a claim waits for a decision once nothing more is due."""
MOST_ENTRIES = 200


@dataclass(frozen=True)
class StateCount:
    """How many claims are in a state, how many of them are overdue, and since when the oldest."""

    status: ClaimStatus
    count: int
    overdue: int
    oldest_since: dt.datetime | None


@dataclass(frozen=True)
class BoardRow:
    """One claim on the board."""

    claim: Claim
    illness: str
    is_overdue: bool
    is_ready: bool


@dataclass(frozen=True)
class WholeHearing:
    """A hearing with what staff may read: turnout while the vote is open, counts and ballots after the close."""

    hearing: Hearing
    turnout: Turnout | None
    ballots: tuple[tuple[BallotOpening, tuple[str, ...]], ...]
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True)
class WholeDecision:
    """A decision with its reasons in words."""

    decision: Decision
    reasons: tuple[str, ...]
    basis: Mapping[str, Any]


@dataclass(frozen=True)
class WholeClaim:
    """Everything that a reviewer or an auditor reads about one claim."""

    claim: Claim
    illness: str
    steps: tuple[CheckStep, ...]
    """Every run of the clauses, oldest first."""
    investigations: tuple[tuple[Investigation, tuple[str, ...]], ...]
    evidence: tuple[Evidence, ...]
    hearings: tuple[WholeHearing, ...]
    decisions: tuple[WholeDecision, ...]
    entries: tuple[Entry, ...]
    proposal: Proposal | None
    facts: tuple[FactRow, ...]
    days: CaseDays
    late: tuple[FindingRow, ...]
    can_release: bool
    """Whether what came late can be given to jurors who are voting."""
    """What was found after the report and waits for a reviewer."""
    remarks: tuple[Remark, ...]

    @property
    def latest_step(self) -> CheckStep:
        """The last run of the clauses; every claim has had one."""
        return self.steps[-1]


@dataclass(frozen=True)
class AidCalculation:
    """How the aid follows from the rules and the facts that count: day, age in completed years, severity, band.

    Empty or None where that is not proven.
    """

    diagnosed_on: dt.date | None
    age_years: int | None
    severity: str | Promise
    band: AidBand | None
    aid_minor: int | None


@dataclass(frozen=True)
class TableRow:
    """A verdict, and for each opinion (confirmed, not confirmed, inconclusive) what follows and whether it is this."""

    verdict: Verdict
    cells: tuple[tuple[RoundOutcome, bool], ...]


def _ready() -> Q:
    # A claim waiting in one of these states has no deadline: every step that time could trigger has been taken.
    return Q(status__in=AT_REST, due_at=None, hold_reason="")


def ready_for_decision(user: AnyUser) -> QuerySet[Claim]:
    """The claims whose decision this user can issue, the longest waiting first: none that would be refused to them."""
    found = _bare(board(user)).filter(_ready())
    return found.exclude(pk__in=_refused_to(user)) if is_reviewer(user) else found


def _refused_to(user: AnyUser) -> QuerySet[Claim, Any]:
    """The claims of people close to a user, and those in which they took part."""
    assert isinstance(user, User)
    sat = Seat.objects.filter(juror__person__user=user).values("panel__case_ref")
    asked = Opinion.objects.filter(professional=user).values("request__case_ref")
    took_part = Q(investigations__investigator=user) | Q(ref__in=sat) | Q(ref__in=asked)
    return Claim.objects.filter(claims_in_conflict(user) | took_part).values("pk")


def board_claims(user: AnyUser, filters: BoardFilters, *, is_ready: bool = False) -> QuerySet[Claim]:
    """All claims that a reviewer or auditor may see, narrowed; without the people behind them."""
    found = _bare(board(user, filters))
    return found.filter(_ready()) if is_ready else found


def board_rows(claims: list[Claim]) -> list[BoardRow]:
    """One page of the board."""
    now = page_now()
    return [
        BoardRow(
            claim=claim,
            illness=illness_title(claim.icd10),
            is_overdue=claim.status in OPEN_STATUSES and claim.due_at is not None and claim.due_at < now,
            is_ready=claim.due_at is None and not claim.hold_reason and claim.status in AT_REST,
        )
        for claim in claims
    ]


def state_counts(user: AnyUser, plan: str = "") -> list[StateCount]:
    """Every state with its number of claims, in the order of a claim's life; one query."""
    found = board(user, BoardFilters(plan=plan)).select_related(None).order_by()
    overdue = Q(due_at__lt=page_now(), status__in=OPEN_STATUSES)
    rows = {
        row["status"]: row
        for row in found.values("status").annotate(
            count=Count("pk"), late=Count("pk", filter=overdue), oldest=Min("status_since")
        )
    }
    return [
        StateCount(status, row["count"], row["late"], row["oldest"])
        if (row := rows.get(status))
        else StateCount(status, 0, 0, None)
        for status in ClaimStatus
    ]


def whole_claim(claim: Claim, user: AnyUser) -> WholeClaim:
    """One claim with everything that belongs to it, for reviewers and auditors; the caller has checked that they may
    see it.
    """
    rules = claim.plan_version.rules
    checks = claim.eligibility_checks.select_related("plan_version").order_by("pk")
    investigations = claim.investigations.select_related("investigator", "answer").order_by("round")
    in_order = Prefetch("duties", DutyRecord.objects.order_by("pk"))
    return WholeClaim(
        claim=claim,
        illness=illness_title(claim.icd10),
        steps=steps_of(checks),
        investigations=tuple(
            (one, reason_texts(rules, one.reason_codes)) for one in investigations.prefetch_related(in_order)
        ),
        evidence=tuple(claim.evidence.select_related("duty", "addendum_paper").order_by("pk")),
        hearings=_hearings(claim, user),
        decisions=tuple(
            WholeDecision(decision, reason_texts(rules, decision.reason_codes), readable_basis(decision.basis))
            for decision in claim.decisions.select_related("decided_by", "plan_version").order_by("sequence")
        ),
        entries=tuple(Entry.objects.filter(stream=claim.stream).order_by("-pk")[:MOST_ENTRIES]),
        proposal=proposed_decision(claim),
        facts=fact_rows(claim),
        days=case_days(claim),
        late=late_rows(claim),
        can_release=can_release(claim),
        remarks=tuple(remarks_on(claim)),
    )


def aid_calculation(claim: Claim) -> AidCalculation:
    """How the amount follows from the rules in force at first diagnosis."""
    facts = counting_facts(claim)
    band = aid_band(claim, facts)
    severity = Claim.Severity(facts.severity).label if facts.severity else ""
    return AidCalculation(
        facts.first_diagnosed_on, age_of(claim, facts), severity, band, band.amount_minor if band else None
    )


def table_rows(table: Mapping[str, Mapping[str, str]], basis: Mapping[str, Any]) -> list[TableRow]:
    """The plan version's decision table, with the cell that a decision rests on."""
    return [
        TableRow(
            verdict,
            tuple(
                (
                    RoundOutcome(table[verdict][opinion]),
                    basis.get("verdict") == verdict and basis.get("opinion") == opinion,
                )
                for opinion in OpinionValue
            ),
        )
        for verdict in Verdict
    ]


def decisions_visible_to(user: AnyUser) -> QuerySet[Decision]:
    """All decisions for reviewers and auditors; for everyone else those on their own claims."""
    seen = claims_visible_to(user) if is_reviewer(user) or is_auditor(user) else own_claims(user)
    claims = seen.select_related(None).order_by().values("pk")
    return Decision.objects.filter(claim__in=claims).select_related("claim", "plan_version").order_by("-pk")


def _hearings(claim: Claim, user: AnyUser) -> tuple[WholeHearing, ...]:
    found = claim.hearings.select_related("panel__plan", "opinion_request").order_by("round")
    given = list(opinions_visible_to(user).filter(request__case_ref=claim.ref).order_by("pk"))
    rules = claim.plan_version.rules
    return tuple(
        WholeHearing(
            hearing=hearing,
            turnout=turnout(hearing.panel, user) if hearing.panel.status == Panel.Status.OPEN else None,
            ballots=tuple(
                (opening, reason_texts(rules, opening.reason_codes)) for opening in opened_ballots(hearing.panel)
            ),
            opinions=tuple(one for one in given if one.request_id == hearing.opinion_request_id),
        )
        for hearing in found
    )


def _bare(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Without the people: a list shows claims by number, so decrypting each name would be wasted."""
    return claims.select_related(None).select_related("plan").defer("hospital", "account")
