"""Showing personal data to the plan's staff: with a reason, for a short time, recorded."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction

from audit import clock
from audit.services import append
from members.access import is_auditor, is_reviewer
from members.errors.roles import ReviewersAndAuditorsOnly
from members.errors.unmaskings import OwnHousehold, TooManyUnmaskings, UnmaskingReasonUnknown, UnmaskingWordsUnfit
from members.models import Person, Unmasking, User
from members.models.users import Role
from members.selectors.unmaskings import is_of_household, open_unmasking, unmaskings_by

SHOWN_FOR = dt.timedelta(minutes=15)
MOST_AN_HOUR = 20
SHORTEST_WORDS, LONGEST_WORDS = 10, 500
_HOUR = dt.timedelta(hours=1)


@transaction.atomic
def unmask_person(*, person_id: int, reason: str, words: str, by: User) -> Unmasking:
    """Show a person's data to a reviewer or an auditor for fifteen minutes, and write down who looked and why.

    While they are shown, asking again changes nothing: the look that is open is returned. The log gets the reason
    from the list and a salted digest of the words, which may name people. Raises ReviewersAndAuditorsOnly,
    OwnHousehold, UnmaskingReasonUnknown, UnmaskingWordsUnfit, TooManyUnmaskings.
    """
    if not (is_reviewer(by) or is_auditor(by)):
        raise ReviewersAndAuditorsOnly
    if reason not in Unmasking.Reason.values:
        raise UnmaskingReasonUnknown(allowed=Unmasking.Reason.values)
    words = words.strip()
    if not SHORTEST_WORDS <= len(words) <= LONGEST_WORDS:
        raise UnmaskingWordsUnfit(shortest=SHORTEST_WORDS, longest=LONGEST_WORDS)
    # Looks of one reader wait for each other here: two requests at once can't both be the last that an hour allows.
    User.objects.select_for_update().get(pk=by.pk)
    person = Person.objects.get(pk=person_id)
    if is_of_household(by, person):
        raise OwnHousehold
    # After the lock: a time read before waiting would find a look open that has ended meanwhile.
    now = clock.now()
    already = open_unmasking(by, person, now)
    if already is not None:
        return already
    _check_rate(by, now)
    unmasking = Unmasking.objects.create(
        person=person,
        by=by,
        role=Role.REVIEWER if is_reviewer(by) else Role.AUDITOR,
        reason=Unmasking.Reason(reason),
        words=words,
        unmasked_at=now,
        expires_at=now + SHOWN_FOR,
    )
    body = {
        "unmasking": unmasking.pk,
        "person": person.pk,
        "role": unmasking.role,
        "reason": unmasking.reason,
        "words": words_digest(unmasking),
        "until": unmasking.expires_at.isoformat(),
    }
    append(kind="person.unmasked", stream=str(person), by=by, body=body)
    return unmasking


def words_digest(unmasking: Unmasking) -> str:
    """SHA-256 over salt and words: proves what was given as the reason, and gives away nothing without the row."""
    return hashlib.sha256(bytes.fromhex(unmasking.salt) + unmasking.words.encode()).hexdigest()


def _check_rate(by: User, now: dt.datetime) -> None:
    recent = list(unmaskings_by(by, now - _HOUR)[:MOST_AN_HOUR])
    if len(recent) == MOST_AN_HOUR:
        raise TooManyUnmaskings(most=MOST_AN_HOUR, at=recent[-1].unmasked_at + _HOUR)
