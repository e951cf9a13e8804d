"""The time to pay an owed share runs from the moment at which its notice was served (members/rules/serving.py)."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from allocation.errors.arrears import NoShareAwaited, OwnShare
from allocation.models import Arrear
from allocation.rules.arrears import grace_ends_at, next_try_at, remind_at
from allocation.selectors.debtors import notice_of_share
from allocation.services.telling import tell_debtors
from audit import clock
from audit.actors import SYSTEM, Actor
from audit.models import Entry
from audit.services import append
from members.models import Membership, User
from members.rules.serving import Served
from members.selectors.people import ids_of_household
from members.selectors.serving import notices_of, service_of
from members.services.serving import record_attempt

CAME_BACK, SERVED_LATER, NO_NOTICE = "came_back", "served_later", "no_notice"
_SERVING = ("served_at", "served_by", "restarts", "grace_ends_at", "next_try_at", "remind_at")


@transaction.atomic
def serve_share(*, arrear_id: int, by: Actor = SYSTEM) -> bool:
    """Take note of what is known about the notice of an owed share; returns whether it changed anything. Idempotent."""
    arrear = _locked(arrear_id)
    if arrear.status != Arrear.Status.OWED or arrear.membership.left_at is not None:
        return False
    return follow_notice(arrear=arrear, by=by)


def follow_notice(*, arrear: Arrear, by: Actor) -> bool:
    """Let the time to pay a share run from the service of its notice; returns whether that has changed.

    The caller has locked the membership and the arrear. The time never gets shorter. What came back takes the service
    away, and starts the full time again, once; after that the time stays, and the membership ends only once the notice
    is served.
    """
    if arrear.notice_entry_id is None:
        return _tell_again(arrear, by)
    found = service_of(notices_of(arrear.notice_entry_id))
    if found is not None:
        return _serve(arrear, found, by)
    return _take_back(arrear, by) if arrear.served_at is not None else False


@transaction.atomic
def record_contact(*, public_id: uuid.UUID, how: str, was_reached: bool, words: str, by: User) -> Arrear:
    """Record that a reviewer tried to reach who owes a share by another way, and let their time run accordingly.

    Nobody records it for a share of their own. Raises NoSuchShareNotice, NoShareAwaited, OwnShare, ReviewersOnly,
    NoNotice, AttemptUnfit.
    """
    message, found = notice_of_share(public_id)
    arrear = _locked(found.pk)
    if arrear.status != Arrear.Status.OWED:
        raise NoShareAwaited
    if arrear.membership.person_id in {row["pk"] for row in ids_of_household(by)}:
        raise OwnShare
    record_attempt(message=message, how=how, was_reached=was_reached, words=words, by=by)
    follow_notice(arrear=arrear, by=by)
    return arrear


def _serve(arrear: Arrear, found: Served, by: Actor) -> bool:
    if (arrear.served_at, arrear.served_by) == (found.at, found.way.value):
        return False
    arrear.served_at, arrear.served_by = found.at, found.way.value
    is_longer = _lengthen(arrear, found.at, found.times)
    arrear.save(update_fields=_SERVING)
    body = {"period": arrear.period.stream, "by": found.way.value, "at": found.at.isoformat(), "times": found.times}
    append(kind="arrear.served", stream=_stream(arrear), by=by, body=body)
    if is_longer:
        _tell_longer(arrear, SERVED_LATER, by)
    return True


def _take_back(arrear: Arrear, by: Actor) -> bool:
    arrear.served_at, arrear.served_by = None, ""
    is_longer = False
    if arrear.restarts == 0:
        arrear.restarts = 1
        is_longer = _lengthen(arrear, clock.now())
    arrear.save(update_fields=_SERVING)
    body = {"period": arrear.period.stream, "is_longer": is_longer}
    append(kind="arrear.unserved", stream=_stream(arrear), by=by, body=body)
    if is_longer:
        _tell_longer(arrear, CAME_BACK, by)
    return True


def _tell_again(arrear: Arrear, by: Actor) -> bool:
    """Give the full time to somebody whom a release told that kept no notice: nothing shows that it reached them."""
    arrear.restarts = 0
    _lengthen(arrear, clock.now())
    arrear.notice_entry = _tell_longer(arrear, NO_NOTICE, by)
    arrear.save(update_fields=[*_SERVING, "notice_entry"])
    return True


def _lengthen(arrear: Arrear, start: dt.datetime, times: int = 1) -> bool:
    """Let the full time, or twice of it, run from a moment, if that is longer; the caller saves the row."""
    period = arrear.period
    days = period.plan_version.rules.arrears_grace_days
    end = grace_ends_at(period.charge_on, start, days, period.plan.timezone, times=times)
    if end <= arrear.grace_ends_at:
        return False
    arrear.grace_ends_at = end
    # Asked for and reminded of again: the last attempt and the reminder may have been made for the earlier end.
    arrear.next_try_at = arrear.next_try_at or next_try_at(clock.now(), end)
    arrear.remind_at = remind_at(start, end)
    return True


def _tell_longer(arrear: Arrear, reason: str, by: Actor) -> Entry:
    body = {"period": arrear.period.stream, "grace_ends_at": arrear.grace_ends_at.isoformat(), "reason": reason}
    entry = append(kind="arrear.extended", stream=_stream(arrear), by=by, body=body)
    tell_debtors("allocation.share_time_longer", [(arrear, entry)], has_page=True, has_end=True)
    return entry


def _stream(arrear: Arrear) -> str:
    return f"membership:{arrear.membership_id}"


def _locked(arrear_id: int) -> Arrear:
    """The arrear, locked after its membership, as in every act."""
    membership_id = Arrear.objects.values_list("membership_id", flat=True).get(pk=arrear_id)
    Membership.objects.select_for_update(no_key=True).get(pk=membership_id)
    found = Arrear.objects.select_for_update(of=("self",))
    return found.select_related("membership__person", "period__plan", "period__plan_version").get(pk=arrear_id)
