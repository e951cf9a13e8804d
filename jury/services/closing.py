"""The tally, made once, in the close. The only code that reads the closing key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from audit import clock
from audit.actors import Actor
from audit.services import append
from jury.errors.panels import PanelNotDue
from jury.models import Ballot, BallotOpening, Panel, Seat
from jury.rules.verdicts import Choice, verdict
from jury.sealing import OpenedBallot, PanelKeys, new_panel_keys, open_ballot, unwrap_private_key
from jury.selectors.draws import stream_of
from jury.selectors.panels import panel_is_due
from jury.services.draws import fill_seats
from jury.services.telling import tell_sitting


@dataclass(frozen=True)
class _Opened:
    """A counted ballot with what it said."""

    ballot: Ballot
    found: OpenedBallot


def new_keys() -> PanelKeys:
    """A key pair for one panel, whose private half only `close_panel` can unwrap."""
    return new_panel_keys(settings.BALLOT_CLOSING_KEY)


def panel_name(panel: Panel) -> str:
    """How a panel's ballots are bound to it."""
    return f"{panel.case_ref}/{panel.round}"


def seat_name(seat: Seat) -> str:
    """How a ballot is bound to its seat."""
    return f"seat:{seat.pk}"


def close_panel(*, panel_id: int, by: Actor) -> Panel:
    """Open the last ballot of every seat, count, and give the verdict; or extend the vote, once, below the quorum.

    At the extension the seats that became free are filled from the same walk. Superseded ballots, and those of jurors
    who stepped down, stay sealed. A panel that has ended stays unchanged. Raises PanelNotDue, and SealBroken or
    CommitmentMismatch when a ballot was tampered with: then nothing is counted.
    """
    with transaction.atomic():
        # Waits for ballots being cast (they hold the panel FOR SHARE) and then counts them; later ones find it closed.
        panel = Panel.objects.select_for_update().get(pk=panel_id)
        if panel.status in {Panel.Status.CLOSED, Panel.Status.ABANDONED}:
            return panel
        now = clock.now()
        if not panel_is_due(panel, now) or panel.closes_at is None:
            raise PanelNotDue(closes=panel.closes_at or panel.nonce_due_at)
        cast = panel.seats.filter(status=Seat.Status.SUMMONED, last_sequence__gt=0).count()
        if cast < panel.quorum and not panel.is_extended and panel.extension_hours:
            _extend(panel, now=now, by=by)
        else:
            _count(panel, now=now, by=by)
    return panel


def _extend(panel: Panel, *, now: datetime, by: Actor) -> None:
    panel.is_extended = True
    panel.closes_at = now + timedelta(hours=panel.extension_hours)
    panel.save()
    entry = append(
        kind="panel.extended",
        stream=stream_of(panel),
        by=by,
        body={"panel": panel.pk, "round": panel.round, "closes_at": panel.closes_at.isoformat()},
    )
    # Before the seats are filled: who is summoned now hears of this close alone.
    tell_sitting("jury.extended", panel, entry, closes_at=panel.closes_at)
    fill_seats(panel, now=now, by=by)


def _count(panel: Panel, *, now: datetime, by: Actor) -> None:
    opened = _open_last_ballots(panel)
    BallotOpening.objects.bulk_create(
        BallotOpening(
            ballot=one.ballot,
            choice=one.found.content.choice.value,
            reason_codes=list(one.found.content.reason_codes),
            words=one.found.content.words,
            is_medical_question=one.found.content.is_medical,
            salt=one.found.salt.hex(),
        )
        for one in opened
    )
    support = sum(one.found.content.choice is Choice.SUPPORT for one in opened)
    panel.support_count, panel.against_count = support, len(opened) - support
    panel.medical_flag_count = sum(one.found.content.is_medical for one in opened)
    panel.verdict = verdict(support, panel.against_count, panel.seats_wanted, panel.quorum).value
    panel.closed_at = now
    panel.close()
    panel.save()
    entry = append(
        kind="panel.closed",
        stream=stream_of(panel),
        by=by,
        body={
            "panel": panel.pk,
            "round": panel.round,
            "verdict": panel.verdict,
            "support": panel.support_count,
            "against": panel.against_count,
            "medical_flags": panel.medical_flag_count,
            "quorum": panel.quorum,
            "pool_exhausted": False,
            "openings": sorted((_public(one.found) for one in opened), key=lambda one: str(one["commitment"])),
        },
    )
    tell_sitting("jury.result", panel, entry)


def _open_last_ballots(panel: Panel) -> list[_Opened]:
    """The last ballot of every occupied seat, opened."""
    keys = PanelKeys(bytes(panel.public_key), bytes(panel.wrapped_private_key))
    private = unwrap_private_key(keys, settings.BALLOT_CLOSING_KEY)
    opened = []
    held = Ballot.objects.filter(seat__panel=panel, seat__status=Seat.Status.SUMMONED).select_related("seat")
    for ballot in held.order_by("pk"):
        if ballot.sequence != ballot.seat.last_sequence:
            continue
        found = open_ballot(
            bytes(ballot.sealed),
            private=private,
            panel=panel_name(panel),
            seat=seat_name(ballot.seat),
            sequence=ballot.sequence,
            commitment=ballot.commitment,
        )
        opened.append(_Opened(ballot, found))
    return opened


def _public(found: OpenedBallot) -> dict[str, object]:
    """What proves a logged commitment without revealing the juror's words."""
    return {
        "commitment": found.commitment,
        "choice": found.content.choice.value,
        "reason_codes": sorted(found.content.reason_codes),
        "is_medical": found.content.is_medical,
        "salt": found.salt.hex(),
        "words_digest": found.words_digest,
    }
