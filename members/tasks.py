"""Sending what stands in the outbox: ids in, one service call each, safe to run twice."""

from __future__ import annotations

from pathlib import Path

from celery import shared_task
from django.conf import settings

from audit import clock
from audit.services.sweeps import Part, run_alone, sweep
from members.selectors.broadcasts import broadcasts_to_mail
from members.selectors.digests import digests_due
from members.selectors.messages import CHANNELS, deliveries_due, deliveries_lost, deliveries_of
from members.selectors.past_age import memberships_past_time, memberships_that_reached, memberships_to_warn
from members.services.broadcasts import mail_broadcast
from members.services.deliveries import deliver, lose
from members.services.digests import send_digest
from members.services.past_age import end_by_age, reach_age, warn_of_age
from members.services.returns import read_channel_reports, read_returns


@shared_task(name="members.deliver_message", queue="messages")
def deliver_message(message_id: int) -> int:
    """Try the deliveries of one message that has just been written."""
    return sum(deliver(delivery_id=pk) for pk in deliveries_of(message_id))


@shared_task(name="members.sweep_messages", queue="messages")
def sweep_messages() -> int:
    """Try every delivery that is due, and show those whose worker died as what they are."""
    return sweep(
        "members.sweep_messages",
        Part("to-all", "members.Broadcast", broadcasts_to_mail, lambda pk: mail_broadcast(broadcast_id=pk)),
        Part("lost", "members.Delivery", deliveries_lost, lambda pk: lose(delivery_id=pk)),
        *(_part(channel) for channel in CHANNELS),
    )


@shared_task(name="members.send_digests", queue="messages")
def send_digests() -> int:
    """Make today's digest for each member of staff who has none yet."""
    return sweep("members.send_digests", Part("staff", "members.User", digests_due, lambda pk: send_digest(user_id=pk)))


@shared_task(name="members.sweep_ages", queue="deadlines")
def sweep_ages() -> int:
    """Tell those who come to the oldest age that their plan covers, and do what its rules say once they have."""
    return sweep(
        "members.sweep_ages",
        Part(
            "to warn",
            "members.Membership",
            lambda behind: memberships_to_warn(clock.now(), behind),
            lambda pk: warn_of_age(membership_id=pk),
        ),
        Part(
            "past the age",
            "members.Membership",
            lambda behind: memberships_that_reached(clock.now(), behind),
            lambda pk: reach_age(membership_id=pk),
        ),
        Part(
            "to end",
            "members.Membership",
            lambda behind: memberships_past_time(clock.now(), behind),
            lambda pk: end_by_age(membership_id=pk),
        ),
    )


@shared_task(name="members.read_reports", queue="messages")
def read_reports() -> int:
    """Read what came back about what was sent."""
    return run_alone("members.read_reports", _read_reports)


def _read_reports() -> int:
    mails = read_returns(path=Path(settings.BOUNCE_PATH)).total() if settings.BOUNCE_PATH else 0
    return mails + read_channel_reports()


def _part(channel: str) -> Part:
    answers = True

    def act(pk: int) -> None:
        nonlocal answers
        answers = deliver(delivery_id=pk)

    # One channel that does not answer is asked once a run, and delays no other.
    return Part(
        channel,
        "members.Delivery",
        lambda behind: deliveries_due(channel, behind),
        act,
        goes_on=lambda: answers,
    )
