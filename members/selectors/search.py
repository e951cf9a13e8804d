"""Finding people for the plan's staff: by exact values only, each look-up by an index, names masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from members.access import AnyUser, is_auditor, is_reviewer
from members.fields import blind_index, blind_number
from members.keys import key_in
from members.models import Person
from members.rules.masking import masked_name
from members.selectors.standings import Standing, people_with_standings, standings_of
from pages.moments import page_now

A_PAGE = 25
ANYTHING = "anything"
_People = QuerySet[Person]


@dataclass(frozen=True)
class FoundPerson:
    """Somebody found: nothing of it says who they are to anybody who does not know them."""

    number: int
    masked_name: str
    is_dependant: bool
    dependants: int
    standings: tuple[Standing, ...]


@dataclass(frozen=True)
class FoundPage:
    """One page of a search, newest first; `next_before` is where the next one begins, None on the last."""

    people: tuple[FoundPerson, ...]
    next_before: int | None


def find_people(user: AnyUser, *, term: str, by: str = ANYTHING, before: int | None = None) -> FoundPage:
    """The people for whom a term is an exact value, or with whom it is one of the kind `by`; a page at a time.

    An empty term finds nobody. The number of queries is the same for any number of people found. Raises KeyError for
    a kind that is none of `WAYS`.
    """
    if not (is_reviewer(user) or is_auditor(user)):
        return FoundPage((), None)
    keys = list(matches(term, by, before))
    people = _with_all(Person.objects.filter(pk__in=keys[:A_PAGE]))
    now = page_now()
    return FoundPage(
        tuple(
            FoundPerson(
                number=person.pk,
                masked_name=masked_name(person.name),
                is_dependant=person.payer_id is not None,
                dependants=person.dependant_count,  # type: ignore[attr-defined]
                standings=standings_of(person, now),
            )
            for person in people
        ),
        keys[A_PAGE - 1] if len(keys) > A_PAGE else None,
    )


def matches(term: str, by: str = ANYTHING, before: int | None = None) -> QuerySet[Person, int]:
    """The keys of one page of people and one more, newest first: a union of look-ups, each by an index of its own."""
    wanted = term.strip()
    ways = WAYS.values() if by == ANYTHING else (WAYS[by],)
    found = [people for people in (way(wanted) for way in ways if wanted) if people is not None]
    if not found:
        return Person.objects.none().values_list("pk", flat=True)
    # The key bounds every part: a name that many people have costs no more than a rare one.
    parts = [page_of(people, before) for people in found]
    return parts[0] if len(parts) == 1 else parts[0].union(*parts[1:]).order_by("-id")[: A_PAGE + 1]


def page_of(people: _People, before: int | None) -> QuerySet[Person, int]:
    """The keys of one page of people and one more, newest first, from behind the key `before` on."""
    if before is not None:
        people = people.filter(pk__lt=before)
    return people.order_by("-id").values_list("id", flat=True)[: A_PAGE + 1]


def _by_number(term: str) -> _People | None:
    number = key_in(term)
    return None if number is None else Person.objects.filter(pk=number)


def _by_membership(term: str) -> _People | None:
    number = key_in(term)
    return None if number is None else Person.objects.filter(memberships=number)


def _by_name(term: str) -> _People:
    return Person.objects.filter(name_digest=blind_number("name", term))


def _by_phone(term: str) -> _People:
    return having_phone(blind_index("phone", term))


def having_phone(digest: str) -> _People:
    """The people with a phone of this blind index; nobody for the empty one."""
    # The condition of the partial index, said once more: PostgreSQL takes the index only where it holds for certain.
    return Person.objects.filter(phone_digest=digest).exclude(phone_digest="")


def _by_id_number(term: str) -> _People:
    return Person.objects.filter(id_digest=blind_index("id_number", term)).exclude(id_digest="")


def _by_email(term: str) -> _People | None:
    return Person.objects.filter(user__email=term.lower()) if "@" in term else None


def _by_external_id(term: str) -> _People:
    return Person.objects.filter(import_key=term)


WAYS: Mapping[str, Callable[[str], _People | None]] = MappingProxyType(
    {
        "number": _by_number,
        "membership": _by_membership,
        "name": _by_name,
        "phone": _by_phone,
        "id_number": _by_id_number,
        "email": _by_email,
        "external_id": _by_external_id,
    }
)
"""The kinds of values that people are found by; a kind that the term can't be asks nothing."""


def _with_all(people: _People) -> _People:
    family = Person.objects.filter(payer=OuterRef("pk")).order_by().values("payer").annotate(count=Count("pk"))
    counted = Coalesce(Subquery(family.values("count")), 0, output_field=IntegerField())
    return people_with_standings(people.annotate(dependant_count=counted).order_by("-pk"))
