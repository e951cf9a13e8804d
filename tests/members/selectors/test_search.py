"""Finding people: by every kind of exact value, masked, bounded, by the same few queries for one as for many."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from audit import clock
from members.forms import SEARCH_CHOICES
from members.models import HealthStatement, Person
from members.selectors import search
from members.selectors.search import A_PAGE, WAYS, find_people
from tests.bent import bend
from tests.cast import Cast
from tests.factories import SHANGHAI, make_membership, make_person, make_plan_version

pytestmark = pytest.mark.django_db
VALUES = {
    "name": "Ouyang Nan",
    "phone": "+86 139 0000 1111",
    "id_number": "310101198505170011",
    "email": "member@test.example",
    "external_id": "old-77",
}


@pytest.fixture
def person(cast: Cast) -> Person:
    """The member, with a value of every kind."""
    person = cast.membership.person
    person.name, person.phone, person.id_number = VALUES["name"], VALUES["phone"], VALUES["id_number"]
    person.import_key = VALUES["external_id"]
    bend(person)
    make_person("Somebody Else", phone="13922223333", id_number="310101198505170022", import_key="old-78")
    return person


def numbers(cast: Cast, term: str, by: str = "anything") -> list[int]:
    return [one.number for one in find_people(cast.reviewer, term=term, by=by).people]


@pytest.mark.parametrize("kind", sorted(VALUES))
def test_every_kind_of_value_finds_its_person_and_nobody_else(cast: Cast, person: Person, kind: str) -> None:
    assert numbers(cast, VALUES[kind], kind) == [person.pk]
    assert numbers(cast, f"  {VALUES[kind]} ") == [person.pk]
    for other in WAYS.keys() - {kind}:
        assert numbers(cast, VALUES[kind], other) == []


def test_numbers_find_the_person_and_the_holder_of_the_membership(cast: Cast, person: Person) -> None:
    others = [make_person(f"Other {number}") for number in range(3)]
    membership = make_membership(cast.plan, others[2])

    assert numbers(cast, str(person.pk), "number") == [person.pk]
    assert numbers(cast, str(membership.pk), "membership") == [others[2].pk]
    assert numbers(cast, str(2**63)) == numbers(cast, "0") == numbers(cast, "9" * 40) == []


@pytest.mark.parametrize(
    ("written", "is_found"),
    [
        ("ouyang nan", True),
        ("OUYANGNAN", True),
        ("Ouyang", False),
        ("Ouyang N", False),
        ("Ouyang%", False),
        ("*", False),
    ],
)
def test_a_name_is_found_whole_however_it_is_written(cast: Cast, person: Person, written: str, is_found: bool) -> None:
    assert bool(numbers(cast, written, "name")) is is_found


@pytest.mark.parametrize("term", ["", " ", "\t\n"])
@pytest.mark.parametrize("kind", ["anything", *WAYS])
def test_nothing_asked_lists_nobody(cast: Cast, person: Person, term: str, kind: str) -> None:
    assert Person.objects.filter(phone_digest="", id_digest="").exists() or make_person("No phone")
    assert find_people(cast.reviewer, term=term, by=kind).people == ()


def test_the_unknown_kind_is_an_error_of_the_caller(cast: Cast) -> None:
    with pytest.raises(KeyError):
        find_people(cast.reviewer, term="x", by="shoe_size")


def test_only_reviewers_and_auditors_find_anybody(cast: Cast, person: Person) -> None:
    finders = {
        role for role, user in cast.by_role().items() if find_people(user or AnonymousUser(), term=person.name).people
    }
    assert finders == {"reviewer", "auditor"}


def test_what_is_found_is_masked_with_plans_dates_and_family(cast: Cast, person: Person) -> None:
    child = make_membership(cast.plan, make_person("Child", payer=person))
    left_at = clock.now() - dt.timedelta(days=30)
    former = make_membership(
        make_plan_version("xhb-senior-2019-05-01").plan,
        person,
        left_at=left_at,
        end_reason="left",
        joined_at=cast.membership.joined_at,
    )
    signed_at = cast.membership.joined_at
    HealthStatement.objects.create(
        membership=cast.membership, plan_version=cast.version, answers={"covered_condition": False}, signed_at=signed_at
    )
    (found,) = find_people(cast.auditor, term=person.name).people

    assert (found.masked_name, found.is_dependant, found.dependants) == ("O*** N***", False, 1)
    standings = {one.membership.pk: one for one in found.standings}
    assert (standings[cast.membership.pk].state, standings[former.pk].state) == ("active", "ended")
    assert (standings[cast.membership.pk].stated_at, standings[former.pk].stated_at) == (signed_at, None)
    shown = repr(found)
    for secret in (person.name, "1985", person.phone, person.id_number):
        assert secret not in shown
    (young,) = find_people(cast.auditor, term="Child").people
    assert (young.is_dependant, young.dependants) == (True, 0)
    assert young.standings[0].membership == child


def test_a_wait_is_told_with_its_last_day_and_a_move_with_the_day_that_counts(cast: Cast) -> None:
    now = clock.now()
    new = make_membership(cast.plan, make_person("New Member"), joined_at=now - dt.timedelta(days=10))
    moved = make_membership(
        cast.plan,
        make_person("Moved Member"),
        joined_at=now - dt.timedelta(days=10),
        waits_from=now - dt.timedelta(days=200),
    )
    (waiting,) = find_people(cast.reviewer, term="New Member").people[0].standings
    (came_over,) = find_people(cast.reviewer, term="Moved Member").people[0].standings

    assert (waiting.membership, waiting.state, waiting.is_moved) == (new, "in_wait", False)
    assert waiting.waits_until == (new.joined_at.astimezone(SHANGHAI) + dt.timedelta(days=89)).date()
    assert (came_over.membership, came_over.state, came_over.is_moved) == (moved, "active", True)


def test_namesakes_come_a_page_at_a_time_newest_first_each_once(cast: Cast) -> None:
    keys = [make_person("Li Wei").pk for _ in range(2 * A_PAGE + 3)]
    found: list[int] = []
    before = None
    sizes = []
    while True:
        page = find_people(cast.reviewer, term="li wei", before=before)
        found += [one.number for one in page.people]
        sizes.append(len(page.people))
        before = page.next_before
        if before is None:
            break

    assert sizes == [A_PAGE, A_PAGE, 3]
    assert found == sorted(keys, reverse=True)


def test_a_full_last_page_has_no_next(cast: Cast) -> None:
    for _ in range(A_PAGE):
        make_person("Li Wei")
    assert find_people(cast.reviewer, term="Li Wei").next_before is None


@pytest.mark.parametrize("by", ["anything", "name"])
@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_three_as_for_one(cast: Cast, django_assert_num_queries: Any, count: int, by: str) -> None:
    for _ in range(count):
        payer = make_person("Li Wei")
        make_membership(cast.plan, payer)
        make_membership(cast.plan, make_person("Child", payer=payer))
    assert cast.reviewer.roles
    with django_assert_num_queries(7):
        page = find_people(cast.reviewer, term="Li Wei", by=by)
    assert [one.dependants for one in page.people] == [1] * count


def test_every_way_is_offered_on_the_page() -> None:
    assert [kind for kind, _ in SEARCH_CHOICES] == [search.ANYTHING, *WAYS]
