"""Deliveries as staff see them: what did not get through, and finding messages by references, never by a name."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet

from audit.message_kinds import Audience, Param
from audit.rooms import message_kinds
from members.access import AnyUser, is_auditor, is_reviewer
from members.models import Channel, ContactAttempt, Delivery, DeliveryReport, DeliveryStatus, Message
from members.selectors.messages import told

TROUBLE = (DeliveryStatus.FAILED, DeliveryStatus.BOUNCED, DeliveryStatus.UNKNOWN)
"""The states in which a message did not get through, or may not have: only these can be sent again."""
USER = "user:"
_NAMED = {Param.REF, Param.PLAN}


@dataclass(frozen=True)
class Failing:
    """How many deliveries of one channel stand in one state for one reason, and since when."""

    channel: Channel
    status: DeliveryStatus
    fault: str
    number: int
    since: dt.datetime


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery in a list of staff. `subject` has references alone: no kind may put more into it."""

    delivery: Delivery
    subject: str

    @property
    def message(self) -> Message:
        """What was to be delivered."""
        return self.delivery.message


@dataclass(frozen=True)
class MessageRow:
    """One message in a list of staff, with its deliveries."""

    message: Message
    subject: str


def _may_read(user: AnyUser) -> bool:
    return is_reviewer(user) or is_auditor(user)


def _unlisted() -> list[str]:
    """The kinds of which nobody but the reader may know that they were sent, such as a reminder to vote."""
    return [name for name, kind in message_kinds().items() if kind.is_for_reader_alone]


def _to_jurors() -> list[str]:
    """The kinds that go to jurors: each says who sits on which panel."""
    return [name for name, kind in message_kinds().items() if kind.audience is Audience.JUROR]


def deliveries_visible_to(user: AnyUser) -> QuerySet[Delivery]:
    """The deliveries that reviewers and auditors may list, the last to change first; none for anybody else.

    Without those whose existence alone would tell something, such as who has not voted yet. Who decides claims learns
    who judges them only where somebody has to be reached: of what goes to jurors, reviewers see what did not get
    through.
    """
    if not _may_read(user):
        return Delivery.objects.none()
    found = Delivery.objects.exclude(message__kind__in=_unlisted())
    if not is_auditor(user):
        found = found.exclude(~Q(status__in=TROUBLE), message__kind__in=_to_jurors())
    return found.select_related("message").order_by("-changed_at", "-pk")


def deliveries_in_trouble(user: AnyUser) -> QuerySet[Delivery]:
    """Those that did not get through, or may not have."""
    # The condition of the partial index, so that the many that arrived are not read.
    return deliveries_visible_to(user).filter(status__in=TROUBLE)


def failing(user: AnyUser) -> list[Failing]:
    """The same, counted by channel, state and fault, the most frequent first."""
    counted = deliveries_in_trouble(user).order_by().values("channel", "status", "fault")
    rows = counted.annotate(number=Count("pk"), since=Min("changed_at")).order_by("-number", "channel", "status")
    return [
        Failing(Channel(row["channel"]), DeliveryStatus(row["status"]), row["fault"], row["number"], row["since"])
        for row in rows
    ]


def alike(*, channel: str, status: str, fault: str, most: int) -> list[int]:
    """The ids of deliveries that failed alike, the longest waiting first."""
    found = Delivery.objects.filter(channel=channel, status=status, fault=fault, status__in=TROUBLE)
    found = found.exclude(message__kind__in=_unlisted())
    return list(found.order_by("changed_at", "pk").values_list("pk", flat=True)[:most])


def delivery_rows(deliveries: Iterable[Delivery]) -> list[DeliveryRow]:
    """Deliveries with the words of their messages."""
    return [DeliveryRow(one, told(one.message).subject) for one in deliveries]


def outbox_visible_to(user: AnyUser) -> QuerySet[Message]:
    """The messages of the deliveries that they may list, and those without any, the newest first; none for others."""
    if not _may_read(user):
        return Message.objects.none()
    found = Message.objects.exclude(kind__in=_unlisted())
    if not is_auditor(user):
        stuck = Delivery.objects.filter(message=OuterRef("pk"), status__in=TROUBLE)
        found = found.exclude(~Exists(stuck), kind__in=_to_jurors())
    return found.prefetch_related("deliveries").order_by("-pk")


def messages_found(user: AnyUser, term: str) -> QuerySet[Message]:
    """The messages of a reference: a message's number, `user:12`, a member's number, or what a message is about.

    The last is any reference that the messages' kinds take, such as that of a claim. An unknown one finds nothing.
    """
    found = outbox_visible_to(user)
    wanted = term.strip()
    try:
        return found.filter(public_id=uuid.UUID(wanted))
    except ValueError:
        pass
    number = wanted.removeprefix(USER)
    if number.isascii() and number.isdigit():
        if len(number) > 18:
            return found.none()
        return found.filter(to_user_id=int(number)) if wanted.startswith(USER) else found.filter(to_person=int(number))
    return found.filter(_about(wanted)) if wanted else found.none()


def deliveries_about(user: AnyUser, term: str) -> QuerySet[Delivery]:
    """The deliveries of the messages that `messages_found` finds."""
    found = messages_found(user, term).prefetch_related(None).order_by()
    return deliveries_visible_to(user).filter(message__in=found.values("pk"))


def message_rows(messages: Iterable[Message]) -> list[MessageRow]:
    """Messages with their subjects."""
    return [MessageRow(one, told(one).subject) for one in messages]


def message_of_staff(user: AnyUser, public_id: uuid.UUID) -> Message | None:
    """One message with all that is known about its way, or None for somebody who may not see it."""
    reports = DeliveryReport.objects.order_by("pk")
    deliveries = Delivery.objects.order_by("pk").prefetch_related(Prefetch("reports", reports))
    attempts = ContactAttempt.objects.select_related("by").order_by("pk")
    found = outbox_visible_to(user).prefetch_related(None).select_related("entry", "to_person")
    whole = found.prefetch_related(Prefetch("deliveries", deliveries), Prefetch("attempts", attempts))
    return whole.filter(public_id=public_id).first()


def _about(ref: str) -> Q:
    names = sorted({name for kind in message_kinds().values() for name, what in kind.params.items() if what in _NAMED})
    condition = Q(pk=None)
    for name in names:
        # By containment, which the index over the references answers for any name.
        condition |= Q(params__contains={name: ref})
    return condition
