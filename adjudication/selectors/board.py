"""The reviewer's board: all claims by state, and one claim whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Prefetch, Q, QuerySet
from django.utils import timezone

from adjudication.models import Claim, Decision, DutyRecord, Evidence, Hearing, Investigation
from adjudication.models.claims import OPEN_STATUSES, ClaimStatus
from adjudication.selectors.checks import CheckStep, steps_of
from adjudication.selectors.claims import BoardFilters, board, claims_visible_to, own_claims
from adjudication.selectors.decisions import Proposal, aid_at_stake, proposed_decision
from adjudication.selectors.readable_files import illness_title, reason_texts
from audit.models import Entry
from jury.models import BallotOpening, Opinion, Panel
from jury.selectors.opinions import opinions_visible_to
from jury.selectors.panels import Turnout, opened_ballots, turnout
from members.access import AnyUser, is_auditor, is_reviewer
from members.models import PlanVersion
from members.rules.dates import completed_years
from members.rules.plans import OPINIONS, VERDICTS, AidBand, aid_for

JUDGED = ("jury_review", "second_opinion")
MOST_ENTRIES = 200


@dataclass(frozen=True)
class StateCount:
    """How many claims are in a state, how many of them are overdue, and since when the oldest."""

    status: str
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
    """A hearing with what may be said of it: turnout while the vote is open, counts and ballots after the close."""

    hearing: Hearing
    turnout: Turnout | None
    ballots: tuple[tuple[BallotOpening, tuple[str, ...]], ...]
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True)
class WholeDecision:
    """A decision with its reasons in words."""

    decision: Decision
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class WholeClaim:
    """Everything that a reviewer or an auditor reads of one claim."""

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

    @property
    def latest_step(self) -> CheckStep:
        """The last run of the clauses; every claim has had one."""
        return self.steps[-1]


@dataclass(frozen=True)
class Reckoning:
    """How the aid follows from the rules: the age in completed years, the band, and its clause."""

    age_years: int
    band: AidBand | None
    aid_minor: int | None


@dataclass(frozen=True)
class TableRow:
    """A verdict, and for each opinion (confirmed, not confirmed, inconclusive) what follows and whether it is this."""

    verdict: str
    cells: tuple[tuple[str, bool], ...]


def _versions_for_disputed() -> set[int]:
    """The plan versions whose jury sits on disputed claims only: their other claims are decided on the report."""
    return {version.pk for version in PlanVersion.objects.all() if version.rules.jury.policy == "disputed"}


def _ready(disputed: set[int]) -> Q:
    # A claim at rest in one of these states has no deadline: all that can happen by time has happened.
    at_rest = Q(status__in=JUDGED) | Q(status=ClaimStatus.INVESTIGATED, plan_version__in=disputed)
    return at_rest & Q(due_at=None, hold_reason="")


def ready_for_decision(user: AnyUser) -> QuerySet[Claim]:
    """The claims whose decision a reviewer can issue, those that wait longest first."""
    return _bare(board(user)).filter(_ready(_versions_for_disputed()))


def board_claims(user: AnyUser, filters: BoardFilters, *, is_ready: bool = False) -> QuerySet[Claim]:
    """All claims that a reviewer or auditor may see, narrowed; without the people behind them."""
    found = _bare(board(user, filters))
    return found.filter(_ready(_versions_for_disputed())) if is_ready else found


def board_rows(claims: list[Claim]) -> list[BoardRow]:
    """One page of the board."""
    now = timezone.now()
    disputed = _versions_for_disputed()
    return [
        BoardRow(
            claim=claim,
            illness=illness_title(claim.icd10),
            is_overdue=claim.status in OPEN_STATUSES and claim.due_at is not None and claim.due_at < now,
            is_ready=claim.due_at is None
            and not claim.hold_reason
            and (
                claim.status in JUDGED
                or (claim.status == ClaimStatus.INVESTIGATED and claim.plan_version_id in disputed)
            ),
        )
        for claim in claims
    ]


def state_counts(user: AnyUser, plan: str = "") -> list[StateCount]:
    """Every state with its number of claims, in the order of a claim's life; one query."""
    found = board(user, BoardFilters(plan=plan)).select_related(None).order_by()
    overdue = Q(due_at__lt=timezone.now(), status__in=OPEN_STATUSES)
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
        for status in ClaimStatus.values
    ]


def whole_claim(claim: Claim, user: AnyUser) -> WholeClaim:
    """One claim with all that belongs to it, for reviewers and auditors; the caller has found it as visible to them."""
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
        evidence=tuple(claim.evidence.select_related("duty").order_by("pk")),
        hearings=_hearings(claim, user),
        decisions=tuple(
            WholeDecision(decision, reason_texts(rules, decision.reason_codes))
            for decision in claim.decisions.select_related("decided_by", "plan_version").order_by("sequence")
        ),
        entries=tuple(Entry.objects.filter(stream=claim.stream).order_by("-pk")[:MOST_ENTRIES]),
        proposal=proposed_decision(claim),
    )


def reckoning(claim: Claim) -> Reckoning:
    """How the amount follows from the rules in force at first diagnosis."""
    age_years = completed_years(claim.membership.person.born_on, claim.first_diagnosed_on)
    band = aid_for(claim.plan_version.rules, age_years, claim.severity)
    return Reckoning(age_years, band, aid_at_stake(claim))


def table_rows(table: Mapping[str, Mapping[str, str]], basis: Mapping[str, Any]) -> list[TableRow]:
    """The plan version's decision table, with the cell that a decision rests on."""
    return [
        TableRow(
            verdict,
            tuple(
                (table[verdict][opinion], basis.get("verdict") == verdict and basis.get("opinion") == opinion)
                for opinion in OPINIONS
            ),
        )
        for verdict in VERDICTS
    ]


def decisions_visible_to(user: AnyUser) -> QuerySet[Decision]:
    """All decisions for reviewers and auditors; for everybody else those on their own claims."""
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
    """Without the people: a list shows claims by number, and each name would have to be decrypted for nothing."""
    return claims.select_related(None).select_related("plan").defer("hospital", "account")
