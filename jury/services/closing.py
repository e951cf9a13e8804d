"""The tally, made once, in the close. The only code that reads the closing key."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from audit import clock
from audit.actors import Actor
from audit.models import Entry
from audit.selectors import latest_checkpoint
from audit.services import append, sequence_all
from jury.errors.ballots import SealBroken
from jury.errors.panels import ClosingKeyMissing, PanelNotDue
from jury.models import Ballot, BallotFault, BallotOpening, CountedToken, Panel, Seat
from jury.rules.published import LONGEST_WAIT, fault_line, opening_line, root_over
from jury.rules.verdicts import verdict
from jury.sealing import OpenedBallot, PanelKeys, new_panel_keys, open_ballot, unwrap_private_key
from jury.selectors.draws import stream_of
from jury.selectors.panels import panel_is_due, rules_of
from jury.selectors.tokens import panel_name, seat_name
from jury.services.counting import Count, Entered, count_ballots, entered_ballots
from jury.services.draws import fill_seats
from jury.services.telling import tell_close_waits, tell_result, tell_sitting

TELLS_STAFF_AFTER = timedelta(minutes=5)


def new_keys() -> PanelKeys:
    """A key pair for one panel, whose private half only `close_panel` can unwrap: the public closing key is enough."""
    return new_panel_keys(settings.BALLOT_CLOSING_PUBLIC_KEY)


def close_panel(*, panel_id: int, by: Actor) -> Panel:
    """Open the last ballot of every seat, count, and give the verdict; or extend the vote, once, below the quorum.

    Places the ballots' entries that wait in the log, and leaves the panel open while no signed checkpoint covers them,
    for `LONGEST_WAIT` at most. A ballot without an entry or that does not open is set aside in public and the rest
    counted: no ballot stops a close. Superseded ballots, and those of jurors who stepped down, stay sealed. At the
    extension the seats that became free are filled from the same walk. A panel that has ended stays unchanged. Raises
    PanelNotDue, ClosingKeyMissing and PanelKeyLocked.
    """
    with transaction.atomic():
        # Waits for ballots being cast (they hold the panel FOR SHARE) and then counts them; later ones find it closed.
        panel = Panel.objects.select_for_update().get(pk=panel_id)
        if panel.status in {Panel.Status.CLOSED, Panel.Status.ABANDONED}:
            return panel
        now = clock.now()
        if not panel_is_due(panel, now) or panel.closes_at is None:
            raise PanelNotDue(closes=panel.closes_at or panel.nonce_due_at)
        cast = panel.seats.filter(status=Seat.Status.SUMMONED).exclude(ballots=None).distinct().count()
        if cast < panel.quorum and not panel.is_extended and panel.extension_hours:
            _extend(panel, now=now, by=by)
            return panel
        entered = _placed_ballots(panel)
        if not _waits(panel, entered, now):
            _close(panel, entered, now=now, by=by)
    return panel


def _extend(panel: Panel, *, now: datetime, by: Actor) -> None:
    panel.is_extended = True
    panel.closes_at = now + timedelta(hours=panel.extension_hours)
    panel.save(update_fields=["is_extended", "closes_at"])
    entry = append(
        kind="panel.extended",
        stream=stream_of(panel),
        by=by,
        body={"panel": panel.pk, "round": panel.round, "closes_at": panel.closes_at.isoformat()},
    )
    # Before the seats are filled: who is summoned now hears of this close alone.
    tell_sitting("jury.extended", panel, entry, closes_at=panel.closes_at)
    fill_seats(panel, now=now, by=by)


def _placed_ballots(panel: Panel) -> list[Entered]:
    """What the log says of the panel's ballots, once everything that waits for its place in the tree has got it."""
    entered = entered_ballots(panel)
    if all(one.leaf_index is not None for one in entered):
        return entered
    sequence_all()
    return entered_ballots(panel)


def _waits(panel: Panel, entered: list[Entered], now: datetime) -> bool:
    """Whether the close leaves the panel open for a checkpoint still to come; notes since when it does."""
    # What has no place after all waiting entries were placed will never get one: no reason to wait.
    size = max((one.leaf_index + 1 for one in entered if one.leaf_index is not None), default=0)
    if size <= _covered():
        return False
    if panel.close_waits_since is None:
        panel.close_waits_since = now
        panel.save(update_fields=["close_waits_since"])
    last = Ballot.objects.filter(seat__panel=panel).aggregate(last=Max("cast_at"))["last"]
    counted_at = max(panel.close_waits_since, last or panel.close_waits_since) + LONGEST_WAIT
    if panel.close_waits_since + TELLS_STAFF_AFTER <= now < counted_at:
        tell_close_waits(panel, counted_at)
    return now < counted_at


def _covered() -> int:
    checkpoint = latest_checkpoint()
    return checkpoint.size if checkpoint else 0


def _close(panel: Panel, entered: list[Entered], *, now: datetime, by: Actor) -> None:
    covered = _covered()
    found = count_ballots(panel, entered, open_one=_opener(panel), covered=covered)
    panel.support_count, panel.against_count = found.support, len(found.openings) - found.support
    panel.medical_flag_count = found.medical
    panel.verdict = verdict(
        found.support, panel.against_count, max(panel.seats_wanted, len(found.openings)), panel.quorum
    ).value
    panel.closed_at = now
    panel.close()
    panel.save(update_fields=["status", "support_count", "against_count", "medical_flag_count", "verdict", "closed_at"])
    entry = _publish(panel, found, covered=covered, by=by)
    tell_result(panel, entry)


def _publish(panel: Panel, found: Count, *, covered: int, by: Actor) -> Entry:
    """Write the lists, each in its own order in one go, so that no row leads to a seat; then the closing entry."""
    openings = sorted(found.openings, key=attrgetter("receipt", "commitment"))
    faults = sorted(found.faults, key=lambda one: (one.kind, one.ballot_digest, one.token, one.receipt))
    tokens = sorted(found.tokens)
    BallotOpening.objects.bulk_create(_opening_row(panel, one) for one in openings)
    CountedToken.objects.bulk_create(CountedToken(panel=panel, token=token) for token in tokens)
    BallotFault.objects.bulk_create(faults)
    return append(
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
            "checkpoint_size": covered,
            "openings": root_over(map(_public, openings)).as_json(),
            "tokens": root_over(tokens).as_json(),
            "faults": root_over(map(_public_fault, faults)).as_json(),
        },
    )


def _opening_row(panel: Panel, found: OpenedBallot) -> BallotOpening:
    return BallotOpening(
        panel=panel,
        receipt=found.receipt,
        commitment=found.commitment,
        choice=found.content.choice.value,
        reason_codes=list(found.content.reason_codes),
        words=found.content.words,
        words_digest=found.words_digest,
        is_medical_question=found.content.is_medical,
        salt=found.salt.hex(),
    )


def _public(found: OpenedBallot) -> dict[str, object]:
    return opening_line(
        receipt=found.receipt,
        commitment=found.commitment,
        choice=found.content.choice.value,
        reason_codes=found.content.reason_codes,
        is_medical=found.content.is_medical,
        salt=found.salt.hex(),
        words_digest=found.words_digest,
    )


def _public_fault(one: BallotFault) -> dict[str, object]:
    return fault_line(
        kind=one.kind,
        token=one.token,
        sequence=one.sequence,
        ballot_digest=one.ballot_digest,
        receipt=one.receipt,
    )


def _opener(panel: Panel) -> partial[OpenedBallot]:
    if settings.BALLOT_CLOSING_KEY is None:
        raise ClosingKeyMissing(case=panel.case_ref)
    keys = PanelKeys(bytes(panel.public_key), bytes(panel.wrapped_private_key))
    offered = {reason.code for reason in rules_of(panel).reason_codes}
    return partial(_open, panel, unwrap_private_key(keys, settings.BALLOT_CLOSING_KEY), offered)


def _open(panel: Panel, private: X25519PrivateKey, offered: set[str], ballot: Ballot) -> OpenedBallot:
    seat = seat_name(ballot.seat_id)
    found = open_ballot(
        bytes(ballot.sealed), private=private, panel=panel_name(panel), seat=seat, sequence=ballot.sequence
    )
    if not set(found.content.reason_codes) <= offered:
        raise SealBroken(seat=seat, sequence=ballot.sequence)
    return found
