"""What all members of a plan are told at once: who finds it in their inbox, and who is still to be mailed."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from members.access import AnyUser
from members.models import Broadcast, BroadcastReading, MailChoice, Membership, Person, User
from members.selectors.people import ids_of_household

PAGE = 500


def broadcasts_visible_to(user: AnyUser) -> QuerySet[Broadcast]:
    """Those to plans in which a user, or somebody they pay for, was a member when it was counted; the newest first."""
    if not isinstance(user, User) or not user.is_active:
        return Broadcast.objects.none()
    theirs = _counted_at(OuterRef("counted_at")).filter(plan=OuterRef("plan"), person__in=ids_of_household(user))
    return Broadcast.objects.filter(Exists(theirs)).order_by("-pk")


def read_among(user: User, ids: Iterable[int]) -> set[int]:
    """Which of these a user has opened, by id."""
    found = BroadcastReading.objects.filter(user=user, broadcast__in=list(ids))
    return set(found.values_list("broadcast_id", flat=True))


def unread_broadcasts(user: AnyUser) -> QuerySet[Broadcast]:
    """Those that the user has not opened, each by itself: one that is committed late is no less unread."""
    if not isinstance(user, User):
        return Broadcast.objects.none()
    opened = BroadcastReading.objects.filter(user=user, broadcast=OuterRef("pk"))
    return broadcasts_visible_to(user).filter(~Exists(opened))


def broadcasts_to_mail(behind: int = 0) -> list[int]:
    """Those of which not everybody who wanted it by mail has their message yet, by id."""
    due = Broadcast.objects.filter(is_mailed=False, pk__gt=behind)
    return list(due.order_by("pk").values_list("pk", flat=True)[:PAGE])


def choices_behind(broadcast: Broadcast) -> list[MailChoice]:
    """The next people who want this kind of message by mail, a page at most, in the order of their choices."""
    wanted = MailChoice.objects.filter(kind=broadcast.kind, is_wanted=True, pk__gt=broadcast.mailed_to)
    return list(wanted.select_related("user__person").order_by("pk")[:PAGE])


def told_among(broadcast: Broadcast, users: Iterable[User]) -> set[int]:
    """Which of these log-ins, by id, the broadcast is for."""
    ids = [user.pk for user in users if user.is_active]
    own = Person.objects.filter(user__in=ids).values("pk", holder=F("user"))
    paid_for = Person.objects.filter(payer__user__in=ids).values("pk", holder=F("payer__user"))
    holders: dict[int, set[int]] = {}
    for row in own.union(paid_for, all=True):
        holders.setdefault(row["pk"], set()).add(row["holder"])
    counted = _counted_at(broadcast.counted_at).filter(plan=broadcast.plan_id, person__in=list(holders))
    return {holder for pk in counted.values_list("person", flat=True) for holder in holders[pk]}


def _counted_at(moment: object) -> QuerySet[Membership]:
    # The same comparison as in allocation/selectors/counting.py: joined before T, and not left before T.
    return Membership.objects.filter(joined_at__lt=moment).filter(Q(left_at=None) | Q(left_at__gte=moment))
