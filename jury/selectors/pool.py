"""Who in the pool may sit on a panel: k look-ups for k numbers of the walk, whatever the pool's size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice

from django.db.models import Count, Max, Q

from jury.models import Juror, Panel, Seat
from jury.rules.conflicts import CaseFacts, ConflictReason, JurorFacts, conflict, skip_of
from jury.rules.seating import StepOutcome
from members.digests import household_digest, payer_digest, person_digest
from members.models import Person, Plan, RoleGrant

FACTS = frozenset(item.name for item in fields(CaseFacts))
"""The kinds of facts that a case may have."""
CHUNK = 32
"""Numbers looked up at once: most panels are filled by one or two chunks."""


def highest_number(plan: Plan) -> int:
    """The highest juror number ever given in this plan; 0 when there is none."""
    return Juror.objects.filter(plan=plan).aggregate(highest=Max("number"))["highest"] or 0


def facts_of_case(stored: dict[str, list[str]]) -> CaseFacts:
    """The digests that a panel keeps, as the rules compare them; what another release kept beside them is passed over.

    A kind that came after the panel was committed is not known of its case, and matches nothing.
    """
    return CaseFacts(**{name: frozenset(digests) for name, digests in stored.items() if name in FACTS})


def facts_of_juror(juror: Juror) -> JurorFacts:
    """A juror's digests, made in the same way as the case's."""
    return facts_of_person(juror.person, hospitals=frozenset({juror.hospital_digest} - {""}))


def facts_of_person(person: Person, hospitals: frozenset[str]) -> JurorFacts:
    """Anybody's digests, made in the same way as the case's; `hospitals` are those that they have said they work at."""
    return JurorFacts(
        person=person_digest(person),
        household=household_digest(person),
        payer=payer_digest(person),
        address=person.address_digest,
        phone=person.phone_digest,
        employer=person.employer_digest,
        hospitals=hospitals,
    )


def hospitals_of(person: Person) -> frozenset[str]:
    """The digests of the hospitals with which somebody is affiliated, by any of their places in a pool."""
    found = Juror.objects.filter(person=person).exclude(hospital_digest="")
    return frozenset(found.values_list("hospital_digest", flat=True))


def conflict_with(juror: Juror, panel: Panel) -> ConflictReason | None:
    """Why this juror may not judge this panel's case, by what is known now; None when there is no conflict."""
    return conflict(facts_of_juror(juror), facts_of_case(panel.case_facts))


def has_standing(juror: Juror, at: datetime) -> bool:
    """Whether the juror is in the pool, their membership in force, and they hold no role in the plan's service."""
    return is_qualified(juror, at) and not staff_among([juror.person_id], at)


def is_qualified(juror: Juror, at: datetime) -> bool:
    """Whether the juror is in the pool and their membership in force; roles are asked for apart."""
    membership = juror.membership
    return (
        (juror.lapsed_at is None or juror.lapsed_at > at)
        and membership.joined_at <= at
        and (membership.left_at is None or membership.left_at > at)
    )


def staff_among(person_ids: Iterable[int], at: datetime) -> set[int]:
    """Those of these people who held a role in the plan's service at a moment; they never sit on a jury."""
    held = RoleGrant.objects.filter(
        Q(revoked_at=None) | Q(revoked_at__gt=at), granted_at__lte=at, user__person__in=list(person_ids)
    )
    return {person_id for person_id in held.values_list("user__person", flat=True) if person_id is not None}


@dataclass(frozen=True)
class _Candidate:
    juror_id: int
    household: str
    status: StepOutcome | None


class PoolLookUp:
    """What the walk needs to know about the numbers it reaches, fetched in chunks, as of the commitment.

    Leaving the pool, memberships, roles and open seats are judged by their moments. The case's digests are those
    frozen with the commitment; the jurors' own are as they are, since nothing in the service changes them afterwards.
    """

    def __init__(self, panel: Panel, upcoming: Iterator[int], *, max_open_seats: int) -> None:
        self._panel = panel
        self._at = panel.committed_at
        self._case = facts_of_case(panel.case_facts)
        self._upcoming = upcoming
        self._max_open_seats = max_open_seats
        self._known: dict[int, _Candidate | None] = {}

    def status_of(self, number: int) -> StepOutcome | None:
        """Why this number is skipped; None when it may be seated."""
        candidate = self._candidate(number)
        return StepOutcome.VACANT if candidate is None else candidate.status

    def household_of(self, number: int) -> str | None:
        """The household of the number's holder."""
        candidate = self._candidate(number)
        return candidate.household if candidate else None

    def juror_id(self, number: int) -> int:
        """The juror who holds the number; KeyError for one that nobody holds."""
        candidate = self._candidate(number)
        if candidate is None:
            raise KeyError(number)
        return candidate.juror_id

    def _candidate(self, number: int) -> _Candidate | None:
        if number not in self._known:
            self._fetch({number, *islice(self._upcoming, CHUNK)} - self._known.keys())
        return self._known[number]

    def _fetch(self, numbers: set[int]) -> None:
        jurors = list(
            Juror.objects.filter(plan_id=self._panel.plan_id, number__in=numbers)
            .select_related("person", "membership")
            .only(
                "number",
                "lapsed_at",
                "hospital_digest",
                "person__payer_id",
                "person__address_digest",
                "person__phone_digest",
                "person__employer_digest",
                "membership__joined_at",
                "membership__left_at",
            )
        )
        staff = staff_among((juror.person_id for juror in jurors), self._at)
        open_seats = self._open_seats(juror.pk for juror in jurors)
        self._known |= dict.fromkeys(numbers)
        for juror in jurors:
            status = self._status(juror, is_staff=juror.person_id in staff, open_seats=open_seats.get(juror.pk, 0))
            self._known[juror.number] = _Candidate(juror.pk, household_digest(juror.person), status)

    def _open_seats(self, juror_ids: Iterable[int]) -> dict[int, int]:
        held = (
            Seat.objects.filter(
                Q(recused_at=None) | Q(recused_at__gt=self._at),
                Q(panel__closed_at=None) | Q(panel__closed_at__gt=self._at),
                juror__in=list(juror_ids),
                summoned_at__lte=self._at,
            )
            .order_by()
            .values("juror")
            .annotate(count=Count("pk"))
        )
        return {row["juror"]: row["count"] for row in held}

    def _status(self, juror: Juror, *, is_staff: bool, open_seats: int) -> StepOutcome | None:
        membership = juror.membership
        has_left = juror.lapsed_at is not None and juror.lapsed_at <= self._at
        is_in_force = membership.joined_at <= self._at and (membership.left_at is None or membership.left_at > self._at)
        if has_left or not is_in_force or is_staff:
            return StepOutcome.VACANT
        skipped = skip_of(conflict(facts_of_juror(juror), self._case))
        if skipped is None and open_seats >= self._max_open_seats:
            return StepOutcome.WORKLOAD
        return skipped
