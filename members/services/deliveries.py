"""Delivering what stands in the outbox: each delivery goes out once, or is shown as what it is.

No transaction is open during an exchange. A worker first takes the delivery, in a transaction of its own, and records
the result in another one. If it is killed between the two, nobody knows whether the other end took the message, and
nothing sends it again by itself.
"""

from __future__ import annotations

import structlog
from django.db import transaction

from audit import clock, nudges
from audit.actors import Actor
from audit.message_kinds import MessageKind
from audit.rooms import message_kinds
from audit.services import append
from members.channels import adapter_of, has_channel
from members.channels.base import ChannelAway, NotKnown, Refused, TryLater
from members.errors.messages import DeliveryNotRepeatable
from members.models import Channel, Delivery, DeliveryReport
from members.rules.delivering import HELD, next_try
from members.selectors.deliveries import alike
from members.selectors.returned import address_digest

_STAYS = frozenset({"id", "message", "channel", "token", "to_address"})
_CHANGING = [field.name for field in Delivery._meta.concrete_fields if field.name not in _STAYS]
"""Whatever a later column says changes as well, unless it is written once."""
MOST_AT_ONCE = 500
"""How many deliveries one request has sent again: each is an act of its own, with its entry."""

log = structlog.get_logger(__name__)


def deliver(*, delivery_id: int) -> bool:
    """Try one delivery if it is due; whether its channel answered, so that more may be tried. Safe to run twice."""
    delivery = _take(delivery_id)
    if delivery is None:
        return True
    fault, status, answers = "", "taken", True
    try:
        adapter_of(Channel(delivery.channel)).hand_over(delivery)
    except ChannelAway as error:
        fault, status, answers = type(error.__cause__ or error).__name__, "waiting", False
    except TryLater as error:
        fault, status = error.code, "waiting"
    except Refused as error:
        fault, status = error.code, "failed"
    except NotKnown as error:
        fault, status = type(error.__cause__ or error).__name__, "unknown"
    except Exception as error:
        # A fault in the code or in an adapter: it may have happened after the message had gone out.
        log.exception("delivery.failed", delivery=delivery.pk)
        fault, status = type(error).__name__, "unknown"
    _record(delivery, status=status, fault=fault)
    return answers


@transaction.atomic
def lose(*, delivery_id: int) -> None:
    """Give up waiting for the worker that took a delivery and never came back."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    if delivery.status != "trying" or delivery.held_until is None or delivery.held_until > clock.now():
        return
    delivery.lose()
    _save(delivery, fault="killed")
    _catch_up(delivery)


@transaction.atomic
def report(*, delivery: Delivery, says: str, source: str, code: str = "", mark: str = "") -> bool:
    """Record what came back about a delivery, and move it accordingly; whether it is new: the same one counts once.

    `mark` tells two reports apart that say the same.
    """
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    _row, is_new = DeliveryReport.objects.get_or_create(
        delivery=delivery, says=says, source=source, code=code[:20], mark=mark[:64]
    )
    if is_new:
        _follow(delivery, says, code)
    return is_new


def _follow(delivery: Delivery, says: str, code: str) -> None:
    if says == "arrived" and delivery.status in {"taken", "unknown"}:
        delivery.confirm()
        delivery.arrived_at = clock.now()
        _save(delivery, fault="")
    elif says == "bounced" and delivery.status in {"taken", "unknown", "delivered"}:
        delivery.bounce()
        delivery.bounced_at = clock.now()
        _save(delivery, fault=code[:100])


@transaction.atomic
def send_again(*, delivery: Delivery, by: Actor) -> Delivery:
    """Have staff send it again: under the same Message-ID, so that a mail that had arrived is recognised as the same.

    Raises DeliveryNotRepeatable.
    """
    delivery = Delivery.objects.select_for_update().select_related("message").get(pk=delivery.pk)
    if delivery.status not in {"failed", "bounced", "unknown"}:
        raise DeliveryNotRepeatable(status=delivery.status.label)
    was = str(delivery.status)
    delivery.retry()
    delivery.first_due_at = clock.now()
    _save(delivery, fault="")
    body = {"channel": delivery.channel, "was": was}
    append(kind="delivery.repeated", stream=delivery.message.stream, by=by, body=body)
    return delivery


def send_all_again(*, channel: str, status: str, fault: str, by: Actor) -> int:
    """Have staff send everything again that failed alike, at most 500 at once; the number that was.

    Each is an act of its own: one that somebody else has sent again in the meantime is passed over.
    """
    sent = 0
    for pk in alike(channel=channel, status=status, fault=fault, most=MOST_AT_ONCE):
        try:
            send_again(delivery=Delivery(pk=pk), by=by)
        except DeliveryNotRepeatable:
            continue
        sent += 1
    return sent


@transaction.atomic
def _take(delivery_id: int) -> Delivery | None:
    # Passed over when another worker has it: a nudge and the sweep may come at once.
    found = Delivery.objects.select_for_update(skip_locked=True, of=("self",))
    found = found.select_related("message__to_user", "message__to_person")
    delivery = found.filter(pk=delivery_id).first()
    now = clock.now()
    if delivery is None or delivery.status != "waiting" or delivery.next_at is None or delivery.next_at > now:
        return None
    if _is_moot(delivery, message_kinds().get(delivery.message.kind)):
        delivery.drop()
        _save(delivery, fault="")
        return None
    delivery.begin()
    delivery.tries += 1
    delivery.held_until = now + HELD
    delivery.sent_to = address_digest(delivery)
    _save(delivery, fault=delivery.fault)
    return delivery


def _is_moot(delivery: Delivery, kind: MessageKind | None) -> bool:
    if kind is None:
        return True
    due = delivery.message.due_at
    return kind.is_moot_when_due and due is not None and due <= clock.now()


@transaction.atomic
def _record(taken: Delivery, *, status: str, fault: str) -> None:
    delivery = Delivery.objects.select_for_update().get(pk=taken.pk)
    if delivery.status != "trying" or delivery.tries != taken.tries:
        # It was given up as lost in the meantime: what is shown stays, and a report may still settle it.
        log.warning("delivery.answer_too_late", delivery=delivery.pk, status=status)
        return
    now = clock.now()
    following = next_try(first_due_at=delivery.first_due_at, tries=delivery.tries, now=now)
    if status == "taken":
        delivery.hand_over()
        delivery.taken_at = now
    elif status == "unknown":
        delivery.lose()
    elif status == "failed" or following is None:
        delivery.give_up()
    else:
        delivery.postpone()
        delivery.next_at = following
    _save(delivery, fault=fault)
    if status in {"taken", "unknown"}:
        _catch_up(delivery)


def _catch_up(delivery: Delivery) -> None:
    """Follow what came back before the worker had written down that it handed the message over."""
    for early in delivery.reports.filter(told_at__gte=delivery.first_due_at).order_by("pk"):
        _follow(delivery, early.says, early.code)


def _open_second(delivery: Delivery) -> None:
    """A notice that does not get through by e-mail goes out as a text, where a number is known."""
    message, kind = delivery.message, message_kinds().get(delivery.message.kind)
    is_lost = delivery.status in {"failed", "bounced", "unknown"}
    if kind is None or not kind.is_notice or not is_lost or delivery.channel != Channel.EMAIL:
        return
    person = message.to_person
    if not has_channel(Channel.TEXT) or person is None or not person.phone or _is_moot(delivery, kind):
        return
    _row, is_new = Delivery.objects.get_or_create(message=message, channel=Channel.TEXT)
    if is_new:
        transaction.on_commit(lambda: _nudge(message.pk))


def _nudge(message_id: int) -> None:
    nudges.send("members.deliver_message", args=[message_id])


def _save(delivery: Delivery, *, fault: str) -> None:
    now = clock.now()
    delivery.changed_at, delivery.fault = now, fault[:100]
    delivery.held_until = delivery.held_until if delivery.status == "trying" else None
    if delivery.status != "waiting":
        delivery.next_at = None
    elif delivery.next_at is None:
        delivery.next_at = now
    # Only what may change: an address of its own would be encrypted again, and that column is written once.
    delivery.save(update_fields=_CHANGING)
    _open_second(delivery)
