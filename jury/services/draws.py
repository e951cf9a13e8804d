"""Drawing a panel, and continuing the walk where a seat becomes free."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from audit import clock
from audit.actors import SYSTEM, Actor
from audit.services import append
from jury.errors.draws import CommitmentNotSealed, DrawNotDue
from jury.errors.panels import PanelClosed, PanelNotOpen, not_voting
from jury.errors.seats import SeatGivenUp
from jury.models import DrawStep, Panel, Seat
from jury.recusals import RecusalReason
from jury.rules.draw import PanelDraw, Step, StepOutcome, seat_panel, walk
from jury.rules.entropy import combined_text
from jury.rules.published import root_over
from jury.selectors.draws import earlier_steps, key_of, public_reason, sealing_checkpoint, stream_of, strength_of
from jury.selectors.panels import panel_is_due, rules_of
from jury.selectors.pool import PoolLookUp, has_standing
from jury.selectors.serving import evidence_of_no_summons
from jury.services.chain import reveal_link
from jury.services.telling import tell_no_jury, tell_seats, tell_summoned

REPLACEMENT_SHARE = 4
"""A replacement is summoned while at least a quarter of the voting hours remains: nobody judges in the last minutes."""


def draw_panel(*, panel_id: int, by: Actor) -> Panel:
    """Draw the panel, seat the jurors and open the vote; a panel drawn earlier stays unchanged.

    Possible once its entropy is known and a checkpoint of the log covers its commitment.
    If the pool is exhausted and the quorum is still reachable, the panel sits with fewer seats; otherwise nobody is
    summoned and the panel closes at once as hung. Raises DrawNotDue, CommitmentNotSealed and ChainSecretChanged.
    """
    with transaction.atomic():
        panel = Panel.objects.select_for_update().get(pk=panel_id)
        # Nudge and sweep may both come: the second waits for the lock and finds the panel drawn.
        if panel.drawn_at is not None or panel.status != Panel.Status.COMMITTED:
            return panel
        now = clock.now()
        if not panel_is_due(panel, now):
            raise DrawNotDue(due=panel.nonce_due_at)
        # Before the link is revealed: an unsealed commitment could still be replaced to suit the entropy.
        require_sealed(panel)
        link = reveal_link(panel)
        panel.entropy = combined_text(link=link, nonce=panel.nonce or panel.commitment["default_nonce"])
        panel.drawn_at = now
        panel.closes_at = now + timedelta(hours=panel.voting_hours)
        look_up = _look_up(panel)
        draw = _continue_walk(panel, look_up, [])
        if not draw.can_sit:
            panel.closes_at = now
        panel.seat()
        panel.save(update_fields=["status", "entropy", "drawn_at", "closes_at", "checkpoint_size"])
        _log_steps(panel, draw, draw.steps, kind="draw.made", by=by)
        if draw.can_sit:
            _summon(panel, look_up, draw.steps, now=now, by=by)
            _replace_absent(panel, now=now, by=by)
        else:
            _close_without_seats(panel, now=now, by=by)
    return panel


def require_sealed(panel: Panel) -> None:
    """Record on the locked panel which checkpoint covers its commitment. Raises CommitmentNotSealed while none does."""
    if panel.checkpoint_size is None:
        checkpoint = sealing_checkpoint(panel)
        if checkpoint is None:
            raise CommitmentNotSealed(case=panel.case_ref)
        panel.checkpoint_size = checkpoint.size


def fill_seats(panel: Panel, *, now: datetime, by: Actor) -> bool:
    """Summon the next numbers of the same walk to the free seats of a locked panel; returns whether anybody was."""
    look_up = _look_up(panel)
    before = earlier_steps(panel)
    draw = _continue_walk(panel, look_up, before)
    new = draw.steps[len(before) :]
    if not new:
        return False
    _log_steps(panel, draw, new, kind="draw.continued", by=by)
    seats = _summon(panel, look_up, new, now=now, by=by)
    return bool(seats) and _replace_absent(panel, now=now, by=by)


def give_up_seat(
    *,
    seat_id: int,
    reason: RecusalReason,
    by: Actor,
    is_owner: bool = True,
    facts: Mapping[str, object] | None = None,
) -> Seat:
    """Free a seat before the close and summon the next number, where time allows (REPLACEMENT_SHARE).

    Ballots cast from it stay sealed and don't count. The replacement has the same close as everybody. Raises
    PanelNotOpen, PanelClosed and SeatGivenUp. `is_owner` is False where the service found the reason itself; `facts`
    are what it found, for the entry.
    """
    with transaction.atomic():
        # Panel first, then seat, like ballots and the close: the seat's own row only tells which panel to lock.
        panel_id = Seat.objects.values_list("panel_id", flat=True).get(pk=seat_id)
        panel = Panel.objects.select_for_update().get(pk=panel_id)
        seat = Seat.objects.select_for_update().get(pk=seat_id)
        now = clock.now()
        if panel.status != Panel.Status.OPEN or panel.closes_at is None or panel.closes_at <= now:
            raise not_voting(panel.closes_at, now)
        if seat.status != Seat.Status.SUMMONED:
            raise SeatGivenUp
        _vacate(panel, seat, reason, now=now, by=by, is_owner=is_owner, facts=facts)
        if panel.closes_at - now >= timedelta(hours=panel.voting_hours) / REPLACEMENT_SHARE:
            fill_seats(panel, now=now, by=by)
    return seat


def replace_unreached(*, seat_id: int, by: Actor = SYSTEM) -> bool:
    """Summon the next number for a juror whom no channel reached, without any mark against them; returns whether.

    Decided by what the channels say alone: nobody on the staff can have a juror replaced. Safe to run twice.
    """
    with transaction.atomic():
        panel_id = Seat.objects.values_list("panel_id", flat=True).get(pk=seat_id)
        # The order of every act on a panel: nobody opens the file or votes between the question and the act.
        Panel.objects.select_for_update().get(pk=panel_id)
        seat = Seat.objects.select_for_update().get(pk=seat_id)
        evidence = evidence_of_no_summons(seat)
        if not evidence:
            return False
        try:
            give_up_seat(
                seat_id=seat_id, reason=RecusalReason.UNREACHED, by=by, is_owner=False, facts={"deliveries": evidence}
            )
        except (PanelNotOpen, PanelClosed, SeatGivenUp):
            return False
    return True


def _look_up(panel: Panel) -> PoolLookUp:
    upcoming = walk(key_of(panel), panel.pool_high, "sha256")
    return PoolLookUp(panel, upcoming, max_open_seats=rules_of(panel).jury.max_open_seats)


def _continue_walk(panel: Panel, look_up: PoolLookUp, before: list[Step]) -> PanelDraw:
    """The walk from its first number, with those who sit now in their seats."""
    limit = int(panel.commitment["lookup_limit"])
    earlier = None
    if before:
        sitting = panel.seats.filter(status=Seat.Status.SUMMONED).values_list("juror__number", flat=True)
        earlier = PanelDraw(
            steps=tuple(before),
            seated=tuple(sitting),
            vacated=(),
            looked_up=len(before),
            seats=panel.seats_wanted,
            quorum=panel.quorum,
            lookup_limit=limit,
            is_exhausted=False,
        )
    return seat_panel(
        walk(key_of(panel), panel.pool_high, "sha256"),
        look_up.status_of,
        seats=panel.seats_wanted,
        quorum=panel.quorum,
        lookup_limit=limit,
        household_of=look_up.household_of,
        earlier=earlier,
    )


def _log_steps(panel: Panel, draw: PanelDraw, new: tuple[Step, ...], *, kind: str, by: Actor) -> None:
    """Store the steps with their reasons; the log gets them as the public sees them."""
    DrawStep.objects.bulk_create(
        DrawStep(panel=panel, position=step.position, number=step.number, outcome=step.outcome.value) for step in new
    )
    public = [
        [step.position, step.number, "seated", ""]
        if step.outcome is StepOutcome.SEATED
        else [step.position, step.number, "skipped", public_reason(panel, step)]
        for step in new
    ]
    body: dict[str, object] = {"panel": panel.pk, "round": panel.round, "steps": public}
    if kind == "draw.made":
        body |= {
            "commitment_digest": panel.commitment_digest,
            "checkpoint_size": panel.checkpoint_size,
            "entropy": panel.entropy,
            "strength": strength_of(panel).value,
            "can_sit": draw.can_sit,
            "closes_at": panel.closes_at.isoformat() if panel.closes_at else None,
        }
    append(
        kind=kind,
        stream=stream_of(panel),
        by=by,
        body=body | {"totals": {str(outcome): count for outcome, count in draw.totals().items()}},
    )


def _summon(panel: Panel, look_up: PoolLookUp, steps: tuple[Step, ...], *, now: datetime, by: Actor) -> list[Seat]:
    """Seat the jurors chosen in these steps. Places are assigned at random: the walk is public, the places are not."""
    chosen = [step.number for step in steps if step.outcome is StepOutcome.SEATED]
    secrets.SystemRandom().shuffle(chosen)
    first = (panel.seats.aggregate(last=Max("place"))["last"] or 0) + 1
    seats = Seat.objects.bulk_create(
        Seat(panel=panel, juror_id=look_up.juror_id(number), place=place, summoned_at=now)
        for place, number in enumerate(chosen, start=first)
    )
    summoned = [
        append(
            kind="juror.summoned",
            stream=stream_of(panel),
            by=by,
            body={"panel": panel.pk, "round": panel.round, "seat": seat.pk},
        )
        for seat in seats
    ]
    tell_summoned(panel, list(zip(seats, summoned, strict=True)))
    return seats


def _replace_absent(panel: Panel, *, now: datetime, by: Actor) -> bool:
    """Free the seats of those who left the pool since the commitment, and continue; returns whether anybody sits."""
    sitting = panel.seats.filter(status=Seat.Status.SUMMONED).select_related("juror__membership")
    absent = [seat for seat in sitting if not has_standing(seat.juror, now)]
    for seat in absent:
        _vacate(panel, seat, RecusalReason.LAPSED, now=now, by=by, is_owner=False)
    if absent:
        fill_seats(panel, now=now, by=by)
    return len(sitting) > len(absent)


def _vacate(
    panel: Panel,
    seat: Seat,
    reason: RecusalReason,
    *,
    now: datetime,
    by: Actor,
    is_owner: bool,
    facts: Mapping[str, object] | None = None,
) -> None:
    seat.recuse()
    seat.recused_at = now
    seat.recusal_reason = reason.value
    seat.save(update_fields=["status", "recused_at", "recusal_reason"])
    entry = append(
        kind="juror.recused",
        stream=stream_of(panel),
        by=by,
        body={
            "panel": panel.pk,
            "round": panel.round,
            "seat": seat.pk,
            "reason": reason.value,
            "is_own_act": is_owner,
            **(facts or {}),
        },
    )
    tell_seats("jury.recused" if is_owner else "jury.replaced", panel, [seat], entry)


def _close_without_seats(panel: Panel, *, now: datetime, by: Actor) -> None:
    """The pool can't reach the quorum: the panel closes as hung, and nobody is summoned."""
    panel.close()
    panel.closed_at = now
    panel.support_count = panel.against_count = panel.medical_flag_count = 0
    panel.verdict = Panel.Verdict.HUNG
    panel.save(update_fields=["status", "closed_at", "support_count", "against_count", "medical_flag_count", "verdict"])
    entry = append(
        kind="panel.closed",
        stream=stream_of(panel),
        by=by,
        body={
            "panel": panel.pk,
            "round": panel.round,
            "verdict": panel.verdict,
            "support": 0,
            "against": 0,
            "medical_flags": 0,
            "quorum": panel.quorum,
            "pool_exhausted": True,
            "checkpoint_size": None,
            "openings": root_over([]).as_json(),
            "tokens": root_over([]).as_json(),
            "faults": root_over([]).as_json(),
        },
    )
    tell_no_jury(panel, entry)
