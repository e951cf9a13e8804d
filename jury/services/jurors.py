"""Entering and leaving the pool of jurors."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from audit import clock
from audit.actors import Actor, SystemActor
from audit.services import append
from jury.errors.jurors import AlreadyJuror, ExamInTheFuture, ExamNotPassed, JurorLapsed, NotQualified, NotYourJurorship
from jury.exam import wrong_answers
from jury.models import Juror, Panel, Seat
from jury.recusals import RecusalReason
from jury.selectors.jurors import unmet_conditions
from jury.selectors.pool import highest_number
from jury.services.draws import give_up_seat
from members.digests import hospital_digest
from members.models import Membership, Person, Plan, User


def sit_exam(*, membership: Membership, answers: Mapping[str, str], by: Actor, hospital: str = "") -> Juror:
    """Grade the exam and qualify the member if every answer is right. Retakes are free; failed ones are not stored.

    Raises ExamNotPassed with the questions to answer again, and what `qualify_juror` raises.
    """
    wrong = wrong_answers(answers)
    if wrong:
        raise ExamNotPassed(count=len(wrong), wrong=wrong)
    return qualify_juror(membership=membership, exam_passed_at=clock.now(), by=by, hospital=hospital)


def qualify_juror(*, membership: Membership, exam_passed_at: datetime, by: Actor, hospital: str = "") -> Juror:
    """Give a member the plan's next juror number: adult, long enough in the plan, membership in force, exam passed.

    A number is never reused. `hospital` is where the juror works, kept as a digest. Only the member may
    ask, and the service itself. Raises NotQualified, AlreadyJuror, JurorLapsed and NotYourJurorship.
    """
    with transaction.atomic():
        # The plan's row serialises the numbers: two who qualify at once would both get highest + 1. NO KEY does not
        # block rows that only refer to the plan.
        plan = Plan.objects.select_for_update(no_key=True).get(pk=membership.plan_id)
        held = Membership.objects.select_related("person__user").get(pk=membership.pk)
        _require_self(held.person, by)
        now = clock.now()
        earlier = Juror.objects.filter(plan=plan, person=held.person).first()
        if earlier is not None:
            raise JurorLapsed if earlier.lapsed_at else AlreadyJuror(number=earlier.number)
        unmet = unmet_conditions(held, now)
        if exam_passed_at > now:
            unmet = [*unmet, ExamInTheFuture()]
        if unmet:
            raise NotQualified(unmet=unmet)
        juror = Juror.objects.create(
            plan=plan,
            number=highest_number(plan) + 1,
            person=held.person,
            membership=held,
            exam_passed_at=exam_passed_at,
            qualified_at=now,
            hospital_digest=hospital_digest(hospital),
        )
        salt = secrets.token_hex(16)
        append(
            kind="juror.qualified",
            stream=stream_of_juror(juror),
            by=by,
            body={"plan": plan.code, "number": juror.number, "salt": salt, "person": _sealed(held.person, salt)},
        )
    return juror


def lapse_juror(*, juror_id: int, by: Actor) -> Juror:
    """Remove a juror from the pool permanently and free their open seats. A juror who has already left stays unchanged.

    Only the juror may, and the service itself.
    """
    with transaction.atomic():
        juror = Juror.objects.select_for_update(of=("self",)).select_related("person", "plan").get(pk=juror_id)
        _require_self(juror.person, by)
        if juror.lapsed_at is not None:
            return juror
        now = clock.now_after(juror.qualified_at)
        juror.lapsed_at = now
        juror.save(update_fields=["lapsed_at"])
        append(kind="juror.lapsed", stream=stream_of_juror(juror), by=by, body={"number": juror.number})
        held = Seat.objects.filter(
            juror=juror, status=Seat.Status.SUMMONED, panel__status=Panel.Status.OPEN, panel__closes_at__gt=now
        )
        # In the order of panels, each locked in turn: two jurors who leave at once and share panels can't deadlock.
        for seat_id in held.order_by("panel_id").values_list("pk", flat=True):
            give_up_seat(seat_id=seat_id, reason=RecusalReason.LAPSED, by=by, is_owner=False)
    return juror


def stream_of_juror(juror: Juror) -> str:
    """The log's stream of a juror number."""
    return f"juror:{juror.plan.code}/{juror.number}"


def _require_self(person: Person, by: Actor) -> None:
    if isinstance(by, SystemActor) or (isinstance(by, User) and person.user_id == by.pk):
        return
    raise NotYourJurorship


def _sealed(person: Person, salt: str) -> str:
    """Bind a number to a person without revealing who: without their random public id the digest can't be guessed."""
    return hashlib.sha256(f"{salt}:{person.public_id}".encode()).hexdigest()
