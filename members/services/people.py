"""Registering people."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from audit import clock
from audit.actors import Actor
from audit.services import append
from members.errors.people import BirthImpossible, NotTheirs, PayerNotRegistered, PayerPaidFor, PersonRegistered
from members.models import Person, User
from members.models.people import Sex
from members.services.identity import note_doubts

OLDEST_YEARS = 130
"""Nobody has lived longer; a year typed wrongly is caught here and not in a share."""


@dataclass(frozen=True)
class NewPerson:
    """Somebody who is not registered yet, as they fill in the joining form."""

    name: str
    born_on: dt.date
    sex: str = "unknown"
    id_number: str = ""
    phone: str = ""
    address: str = ""
    employer: str = ""


@transaction.atomic
def register_person(
    *,
    name: str,
    born_on: dt.date,
    by: Actor,
    sex: str = Sex.UNKNOWN,
    id_number: str = "",
    phone: str = "",
    address: str = "",
    employer: str = "",
    user: User | None = None,
    payer: Person | None = None,
    import_key: str | None = None,
) -> Person:
    """Register somebody who joins, or pays for somebody who does.

    A user may register themselves (`user`) and their dependants (`payer`); the service's own acts may register
    anybody. Raises NotTheirs, BirthImpossible, PayerPaidFor, PersonRegistered.
    """
    _check_own(by, user, payer)
    today = timezone.localdate(clock.now())
    if not today.replace(year=today.year - OLDEST_YEARS, day=1) <= born_on <= today:
        raise BirthImpossible(day=born_on)
    if payer is not None and payer.payer_id is not None:
        raise PayerPaidFor
    person = Person(
        name=" ".join(name.split()),
        born_on=born_on,
        sex=sex,
        id_number=id_number.strip(),
        phone=phone.strip(),
        address=address.strip(),
        employer=employer.strip(),
        user=user,
        payer=payer,
        import_key=import_key,
    )
    try:
        # Unique log-in, identity number (by its blind index) and import key decide between two registrations at once;
        # the savepoint keeps the act's transaction usable.
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise PersonRegistered from None
    body = {"has_login": user is not None, "payer": str(payer) if payer else None, "imported": import_key is not None}
    append(kind="person.registered", stream=f"person:{person.pk}", by=by, body=body)
    note_doubts(person=person, by=by)
    return person


def register_applicant(*, applicant: NewPerson, is_dependant: bool, by: User) -> Person:
    """Register the person in the joining form, for the user themselves or for somebody whose shares they will pay.

    Raises PayerNotRegistered and what `register_person` raises.
    """
    payer = Person.objects.filter(user=by).first() if is_dependant else None
    if is_dependant and payer is None:
        raise PayerNotRegistered
    return register_person(
        name=applicant.name,
        born_on=applicant.born_on,
        sex=applicant.sex,
        id_number=applicant.id_number,
        phone=applicant.phone,
        address=applicant.address,
        employer=applicant.employer,
        user=None if is_dependant else by,
        payer=payer,
        by=by,
    )


def check_may_act_for(by: Actor, person: Person) -> None:
    """Raises NotTheirs where a user acts for somebody who is neither themselves nor paid for by them."""
    if not isinstance(by, User):
        return
    if person.user_id != by.pk and (person.payer is None or person.payer.user_id != by.pk):
        raise NotTheirs


def _check_own(by: Actor, user: User | None, payer: Person | None) -> None:
    if not isinstance(by, User):
        return
    registers_self = user is not None and user.pk == by.pk and payer is None
    registers_dependant = user is None and payer is not None and payer.user_id == by.pk
    if not (registers_self or registers_dependant):
        raise NotTheirs
