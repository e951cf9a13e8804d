"""The outbox: messages to people, written in the transaction of the act that they are about, and their deliveries."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from audit.clock import DatabaseNow
from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.models import Entry
from audit.rows import Row
from audit.state_fields import MachineField
from members import columns
from members.fields import EncryptedTextField
from members.machines import DELIVERY
from members.models.people import Person
from members.models.plans import Plan
from pages.states import Shape, StateChoices


class Message(Row):
    """What one person is told: a kind and references, never words or personal data. What it tells never changes.

    `to_user` reads it in the inbox; `to_person` is whom it concerns where they are known as a person. Somebody without
    a log-in has no inbox, and is reached by text message or by a member of staff.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="messages", verbose_name=_("log-in")
    )
    to_person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="messages", verbose_name=_("person"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=60)
    params = models.JSONField(_("references"), default=dict)
    # Without a constraint in the database: the log refuses to be emptied for its own reason, and not for this one.
    entry = models.ForeignKey(
        Entry, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False, verbose_name=_("entry")
    )
    about = models.CharField(_("about"), max_length=80, blank=True, db_default="")
    """What a reminder is about, such as `seat:7`: no entry of the log stands for it."""
    due_at = models.DateTimeField(_("time ends"), null=True)
    written_at = models.DateTimeField(_("written"), db_default=DatabaseNow(), editable=False)
    read_at = models.DateTimeField(_("read"), null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(
                condition=Q(to_user__isnull=False) | Q(to_person__isnull=False), name="a_message_is_to_somebody"
            ),
            # An act that is done twice by two workers tells once.
            models.UniqueConstraint(
                fields=["entry", "kind", "to_user", "to_person"],
                name="an_entry_tells_once",
                nulls_distinct=False,
                condition=Q(entry__isnull=False),
            ),
            # Two sweeps, or one that was killed: a reminder about one thing and one end of time goes out once.
            models.UniqueConstraint(
                fields=["about", "kind", "due_at", "to_user", "to_person"],
                name="a_reminder_is_written_once",
                nulls_distinct=False,
                condition=~Q(about=""),
            ),
            models.CheckConstraint(condition=Q(about="") | Q(entry=None), name="a_reminder_has_no_entry"),
        ]
        indexes = [
            models.Index(fields=["to_user", "-id"], name="message_inbox"),
            models.Index(fields=["to_user"], condition=Q(read_at=None), name="message_unread"),
            models.Index(fields=["to_person"], condition=Q(to_person__isnull=False), name="message_person"),
            # Staff look for what a claim brought with it, under whatever name a kind has the reference.
            GinIndex(fields=["params"], opclasses=["jsonb_path_ops"], name="message_references"),
        ]
        triggers: ClassVar[list[object]] = column_triggers(columns.MESSAGE)

    def __str__(self) -> str:
        return f"message {self.public_id}"

    @property
    def stream(self) -> str:
        """The message's stream in the audit log, for what staff do about it."""
        return f"message:{self.public_id}"

    @property
    def to_user_ref(self) -> str | None:
        """The reference of its reader's log-in, as the audit log has it; None for somebody without one."""
        return None if self.to_user_id is None else f"user:{self.to_user_id}"


class Channel(models.TextChoices):
    """How a message leaves the service. The inbox is not among them: a message is in it as soon as it is written."""

    EMAIL = "email", _("e-mail")
    TEXT = "text", _("text message")


class DeliveryStatus(StateChoices):
    """Where a delivery is."""

    WAITING = "waiting", Shape.TODO, _("Not sent yet")
    TRYING = "trying", Shape.ACTIVE, _("Being sent")
    TAKEN = "taken", Shape.ACTIVE, _("Sent")
    DELIVERED = "delivered", Shape.GOOD, _("Arrived")
    BOUNCED = "bounced", Shape.BAD, _("Came back")
    FAILED = "failed", Shape.BAD, _("Not sent: given up")
    UNKNOWN = "unknown", Shape.WAITING, _("Not known whether it was sent")
    DROPPED = "dropped", Shape.CLOSED, _("Not sent: no longer needed")


class Delivery(ConcurrentTransitionMixin, Row):
    """One message on its way through one channel. Its name for the outside, `token`, stands before the first try.

    The Message-ID and the return address of a mail are made of it, so that a second try can be recognised as the same
    mail, and a bounce as the bounce of this delivery.
    """

    Status = DeliveryStatus

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("message"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    to_address = EncryptedTextField(_("address"), blank=True, default="")
    """Where it goes instead of the address of its reader: to the one that they had before a change."""
    status = MachineField(_("status"), default=DELIVERY.initial, states=DeliveryStatus)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    first_due_at = models.DateTimeField(_("first due"), db_default=DatabaseNow())
    """When this round of tries began: written with the message, or when staff had it sent again."""
    next_at = models.DateTimeField(_("next try"), null=True, db_default=DatabaseNow())
    held_until = models.DateTimeField(_("held by a worker until"), null=True)
    changed_at = models.DateTimeField(_("since"), db_default=DatabaseNow())
    taken_at = models.DateTimeField(_("sent"), null=True)
    arrived_at = models.DateTimeField(_("arrived"), null=True)
    bounced_at = models.DateTimeField(_("came back"), null=True)
    sent_to = models.CharField(max_length=64, blank=True, db_default="", editable=False)
    """A keyed digest of the address or number it went to: whether one of today is one at which mails came back."""
    fault = models.CharField(_("fault"), max_length=100, blank=True, default="")
    """A code or the class of an exception; what a server answers in words may name the address."""

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="one_delivery_a_channel"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="a_delivery_has_a_known_channel"),
            models.CheckConstraint(
                condition=Q(status="waiting", next_at__isnull=False) | (~Q(status="waiting") & Q(next_at=None)),
                name="only_a_waiting_delivery_has_a_next_try",
            ),
            models.CheckConstraint(
                condition=Q(status="trying", held_until__isnull=False) | (~Q(status="trying") & Q(held_until=None)),
                name="only_a_delivery_that_is_tried_is_held",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "id"], condition=Q(status="waiting"), name="delivery_waiting"),
            models.Index(fields=["held_until"], condition=Q(status="trying"), name="delivery_trying"),
            models.Index(
                fields=["-changed_at"],
                condition=Q(status__in=["bounced", "failed", "unknown"]),
                name="delivery_trouble",
            ),
        ]
        triggers: ClassVar[list[object]] = machine_triggers(DELIVERY) + column_triggers(columns.DELIVERY)

    def __str__(self) -> str:
        return f"{self.channel} {self.token}"

    @transition(field=status, source=DELIVERY.sources("begin"), target=DELIVERY.target("begin"))
    def begin(self) -> None:
        """A worker takes it."""

    @transition(field=status, source=DELIVERY.sources("postpone"), target=DELIVERY.target("postpone"))
    def postpone(self) -> None:
        """To be tried again later."""

    @transition(field=status, source=DELIVERY.sources("hand_over"), target=DELIVERY.target("hand_over"))
    def hand_over(self) -> None:
        """The channel took it."""

    @transition(field=status, source=DELIVERY.sources("give_up"), target=DELIVERY.target("give_up"))
    def give_up(self) -> None:
        """Refused permanently, or tried for long enough."""

    @transition(field=status, source=DELIVERY.sources("lose"), target=DELIVERY.target("lose"))
    def lose(self) -> None:
        """The worker died while it handed it over."""

    @transition(field=status, source=DELIVERY.sources("drop"), target=DELIVERY.target("drop"))
    def drop(self) -> None:
        """Nothing is left to say."""

    @transition(field=status, source=DELIVERY.sources("confirm"), target=DELIVERY.target("confirm"))
    def confirm(self) -> None:
        """It arrived."""

    @transition(field=status, source=DELIVERY.sources("bounce"), target=DELIVERY.target("bounce"))
    def bounce(self) -> None:
        """It came back."""

    @transition(field=status, source=DELIVERY.sources("retry"), target=DELIVERY.target("retry"))
    def retry(self) -> None:
        """Staff have it sent again."""


class DeliveryReport(Row):
    """What came back about a delivery: a bounce, a channel's report, the first opening. Evidence, so it stays."""

    class Says(models.TextChoices):
        """What the report says."""

        ARRIVED = "arrived", _("it arrived")
        BOUNCED = "bounced", _("it came back")
        DELAYED = "delayed", _("it is delayed")

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="reports")
    says = models.CharField(_("says"), max_length=10, choices=Says)
    source = models.CharField(_("source"), max_length=20)
    """`bounce` (a mail to the return address), `service` (the text service) or `inbox` (the message was opened)."""
    code = models.CharField(_("code"), max_length=20, blank=True)
    mark = models.CharField(max_length=64, blank=True, db_default="", editable=False)
    """Tells this report from another one that says the same, such as a second bounce after it was sent again."""
    told_at = models.DateTimeField(_("learned"), db_default=DatabaseNow(), editable=False)

    class Meta:
        verbose_name = _("report on a delivery")
        verbose_name_plural = _("reports on deliveries")
        constraints = [
            models.CheckConstraint(
                condition=Q(says__in=["arrived", "bounced", "delayed"]), name="a_report_says_something_known"
            ),
            # The same report read twice, or a mailbox read by two workers, counts once.
            models.UniqueConstraint(fields=["delivery", "says", "source", "code", "mark"], name="a_report_counts_once"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery}: {self.says}"


class MailChoice(Row):
    """That somebody does, or does not, want a kind of message that is not owed outside their inbox."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mail_choices")
    kind = models.CharField(_("kind"), max_length=60)
    is_wanted = models.BooleanField(_("by e-mail"))
    chosen_at = models.DateTimeField(_("chosen"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("choice of mail")
        verbose_name_plural = _("choices of mail")
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_choice_a_kind")]
        # Those who want what all members are told by mail, page by page.
        indexes = [models.Index(fields=["kind", "id"], condition=Q(is_wanted=True), name="choice_wanted")]
        triggers: ClassVar[list[object]] = column_triggers(columns.MAIL_CHOICE)

    def __str__(self) -> str:
        return f"{self.user} {self.kind}"


class ContactAttempt(Row):
    """That a member of staff tried to reach somebody about a notice by another way. Evidence, so it stays."""

    class How(models.TextChoices):
        """The way."""

        CALL = "call", _("by phone")
        LETTER = "letter", _("by letter")
        VISIT = "visit", _("by a visit")
        OTHER = "other", _("in another way")

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attempts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    how = models.CharField(_("how"), max_length=10, choices=How)
    was_reached = models.BooleanField(_("the person was told"))
    words = EncryptedTextField(_("what happened"))
    attempted_at = models.DateTimeField(_("when"), db_default=DatabaseNow(), editable=False)

    class Meta:
        verbose_name = _("attempt to reach somebody")
        verbose_name_plural = _("attempts to reach somebody")
        constraints = [
            models.CheckConstraint(
                condition=Q(how__in=["call", "letter", "visit", "other"]), name="an_attempt_has_a_known_way"
            )
        ]

    def __str__(self) -> str:
        return f"{self.message}: {self.how}"


class Broadcast(Row):
    """What all members of a plan are told at once: one row, however many they are. It is read in the inbox.

    Those who were members at `counted_at` find it there; those who chose so get it by mail, by a message of its own.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="broadcasts", verbose_name=_("plan"))
    kind = models.CharField(_("kind"), max_length=60)
    params = models.JSONField(_("references"), default=dict)
    entry = models.ForeignKey(
        Entry, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, verbose_name=_("entry")
    )
    counted_at = models.DateTimeField(_("counted"))
    written_at = models.DateTimeField(_("written"), db_default=DatabaseNow(), editable=False)
    mailed_to = models.BigIntegerField(default=0)
    """The last choice of mail (its id) whose holder got a message of their own."""
    is_mailed = models.BooleanField(_("all who wanted it by mail have their message"), default=False)

    class Meta:
        verbose_name = _("message to all members")
        verbose_name_plural = _("messages to all members")
        constraints = [models.UniqueConstraint(fields=["entry", "kind"], name="an_entry_tells_all_once")]
        indexes = [
            models.Index(fields=["plan", "-id"], name="broadcast_of_plan"),
            models.Index(fields=["id"], condition=Q(is_mailed=False), name="broadcast_to_mail"),
        ]
        triggers: ClassVar[list[object]] = column_triggers(columns.BROADCAST)

    def __str__(self) -> str:
        return f"{self.kind} {self.plan_id}"


class BroadcastReading(Row):
    """That somebody has read one of those messages that all members are told. Only who reads it has a row."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="broadcast_readings", db_index=False
    )
    broadcast = models.ForeignKey(Broadcast, on_delete=models.PROTECT, related_name="readings", db_index=False)
    read_at = models.DateTimeField(_("read"), db_default=DatabaseNow(), editable=False)

    class Meta:
        verbose_name = _("reading of a message to all members")
        verbose_name_plural = _("readings of messages to all members")
        constraints = [models.UniqueConstraint(fields=["user", "broadcast"], name="a_broadcast_is_read_once")]
        triggers: ClassVar[list[object]] = column_triggers(columns.BROADCAST_READING)

    def __str__(self) -> str:
        return f"{self.user} {self.broadcast_id}"


class StaffDigest(Row):
    """That the digest of a day was made for a member of staff, whether or not there was anything to say."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("user")
    )
    on_day = models.DateField(_("day"))
    is_sent = models.BooleanField(_("sent"))
    made_at = models.DateTimeField(_("made"), db_default=DatabaseNow(), editable=False)

    class Meta:
        verbose_name = _("digest of staff")
        verbose_name_plural = _("digests of staff")
        constraints = [models.UniqueConstraint(fields=["user", "on_day"], name="one_digest_a_day")]
        triggers: ClassVar[list[object]] = column_triggers(columns.STAFF_DIGEST)

    def __str__(self) -> str:
        return f"{self.user} {self.on_day}"
