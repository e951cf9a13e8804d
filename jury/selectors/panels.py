"""Panels: which are due, under which rules they sit, and who may read what about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from jury.models import Ballot, BallotOpening, Panel, Seat
from members.access import AnyUser, is_auditor, is_reviewer
from members.errors.roles import ReviewersAndAuditorsOnly
from members.models import PlanVersion
from members.rules.plans import PlanRules
from members.selectors.plans import rules_with


def rules_of(panel: Panel) -> PlanRules:
    """The version of the plan's rules that the panel was committed under. Raises RulesUnknown."""
    return rules_with(panel.rules_digest)


def panels_without_rules() -> QuerySet[Panel]:
    """Panels that are not over and were committed under rules that no published version has: they cannot go on."""
    known = PlanVersion.objects.values("digest")
    going_on = Panel.objects.filter(status__in=[Panel.Status.COMMITTED, Panel.Status.OPEN])
    return going_on.exclude(rules_digest__in=known).order_by("pk")


def _knowing_all(seat: str) -> Exists:
    """Whether a ballot came from the seat in this column since the last that jurors were given: the last one, then."""
    since = Q(seat__panel__addendum_at=None) | Q(cast_at__gt=F("seat__panel__addendum_at"))
    return Exists(Ballot.objects.filter(since, seat=OuterRef(seat)))


def panels_due(now: datetime) -> QuerySet[Panel, int]:
    """The ids of panels that wait for their draw or their close; the test for one panel is `panel_is_due`."""
    to_draw = Q(status=Panel.Status.COMMITTED) & (~Q(nonce="") | Q(nonce_due_at__lte=now))
    to_close = Q(status=Panel.Status.OPEN) & (
        Q(closes_at__lte=now) | Q(cast_count=F("sitting_count"), cast_count__gte=F("quorum"))
    )
    return (
        Panel.objects.filter(status__in=[Panel.Status.COMMITTED, Panel.Status.OPEN])
        .annotate(
            sitting_count=Count("seats", filter=Q(seats__status=Seat.Status.SUMMONED)),
            cast_count=Count("seats", filter=Q(_knowing_all("seats"), seats__status=Seat.Status.SUMMONED)),
        )
        .filter(to_draw | to_close)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def panel_is_due(panel: Panel, now: datetime) -> bool:
    """Whether the panel can be drawn or closed now.

    A draw is due when the applicant has added a word or the deadline for it has passed; a close when its time has
    come, or every seat has cast a ballot, after an addendum where there is one, and the quorum is reached.
    """
    if panel.status == Panel.Status.COMMITTED:
        return panel.nonce != "" or panel.nonce_due_at <= now
    if panel.status != Panel.Status.OPEN or panel.closes_at is None:
        return False
    if panel.closes_at <= now:
        return True
    # The same condition as `panels_due`; below the quorum even a complete vote waits for its close and the extension.
    sitting = panel.seats.filter(status=Seat.Status.SUMMONED).annotate(knows_all=_knowing_all("pk"))
    cast = [seat.knows_all for seat in sitting]
    return all(cast) and len(cast) >= panel.quorum


@dataclass(frozen=True)
class Turnout:
    """How many seats there are and how many have cast a ballot; only staff may know this before the close."""

    seats: int
    cast: int
    opened_the_file: int
    stepped_down: int


def turnout(panel: Panel, user: AnyUser) -> Turnout:
    """The turnout of the vote, for reviewers and auditors only; never the counts.

    Raises ReviewersAndAuditorsOnly.
    """
    if not (is_reviewer(user) or is_auditor(user)):
        raise ReviewersAndAuditorsOnly
    sitting = Q(status=Seat.Status.SUMMONED)
    counted = panel.seats.aggregate(
        seats=Count("pk", filter=sitting),
        cast=Count("pk", filter=sitting & Q(Exists(Ballot.objects.filter(seat=OuterRef("pk"))))),
        opened=Count("pk", filter=sitting & Q(first_seen_at__isnull=False)),
        recused=Count("pk", filter=Q(status=Seat.Status.RECUSED)),
    )
    return Turnout(counted["seats"], counted["cast"], counted["opened"], counted["recused"])


def opened_ballots(panel: Panel) -> QuerySet[BallotOpening]:
    """What the counted ballots said, by receipt and not by seat; nothing before the close."""
    if panel.status != Panel.Status.CLOSED:
        return BallotOpening.objects.none()
    return panel.openings.order_by("pk")
