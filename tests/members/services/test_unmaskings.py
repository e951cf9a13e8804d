"""Reading somebody's data: with a reason, for a short time, written down, not without limit, not at home."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit import clock
from audit.errors import DomainError
from audit.models import Entry
from members.errors.roles import ReviewersAndAuditorsOnly
from members.errors.unmaskings import OwnHousehold, TooManyUnmaskings, UnmaskingReasonUnknown, UnmaskingWordsUnfit
from members.models import Person, Unmasking, User
from members.selectors.unmaskings import (
    open_unmasking,
    people_named_to,
    shown_data,
    unmaskings_at_household,
    unmaskings_visible_to,
)
from members.services import unmaskings
from members.services.unmaskings import MOST_AN_HOUR, SHOWN_FOR, unmask_person, words_digest
from pages.words import moment
from tests.cast import Cast
from tests.factories import make_person, make_user, take_roles_back
from tests.moving import set_clock

pytestmark = pytest.mark.django_db
WORDS = "Wang Xiaoming's hospital calls: which phone is right?"


def look(person: Person, by: User, reason: str = "claim", words: str = WORDS) -> Unmasking:
    return unmask_person(person_id=person.pk, reason=reason, words=words, by=by)


@pytest.mark.parametrize("role", ["reviewer", "auditor"])
def test_a_look_is_a_row_and_an_entry_without_the_words(cast: Cast, role: str) -> None:
    by = cast.by_role()[role]
    assert by is not None
    person = cast.membership.person
    row = look(person, by)

    assert (row.person, row.by, row.role, row.reason, row.words) == (person, by, role, "claim", WORDS)
    assert row.expires_at - row.unmasked_at == SHOWN_FOR
    entry = Entry.objects.get(kind="person.unmasked")
    assert (entry.stream, entry.actor) == (f"person:{person.pk}", by.audit_ref)
    assert entry.body == {
        "unmasking": row.pk,
        "person": person.pk,
        "role": role,
        "reason": "claim",
        "words": hashlib.sha256(bytes.fromhex(row.salt) + WORDS.encode()).hexdigest(),
        "until": row.expires_at.isoformat(),
    }
    assert words_digest(Unmasking.objects.get()) == entry.body["words"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(u)::text FROM members_unmasking u")
        assert "Wang" not in cursor.fetchone()[0]


def test_it_shows_this_person_to_this_reader_until_its_end(cast: Cast) -> None:
    person, other = cast.membership.person, make_person("Other")
    assert shown_data(cast.reviewer, person) is None
    row = look(person, cast.reviewer)

    shown = shown_data(cast.reviewer, person)
    assert shown is not None
    assert (shown.data.name, shown.data.born_on, shown.data.email) == (person.name, person.born_on, cast.member.email)
    assert shown.unmasking == row
    assert set(people_named_to(cast.reviewer)) == {person}
    assert shown_data(cast.reviewer, other) is None
    assert shown_data(cast.other_reviewer, person) is None
    assert not people_named_to(cast.other_reviewer).exists()
    just_before = row.expires_at - dt.timedelta(microseconds=1)
    assert open_unmasking(cast.reviewer, person, row.unmasked_at) == row
    assert open_unmasking(cast.reviewer, person, just_before) == row
    assert open_unmasking(cast.reviewer, person, row.expires_at) is None


def test_a_user_who_lost_the_role_sees_no_more(cast: Cast) -> None:
    person = cast.membership.person
    look(person, cast.reviewer)
    take_roles_back(cast.reviewer, clock.now())
    again = User.objects.get(pk=cast.reviewer.pk)

    assert shown_data(again, person) is None
    assert not people_named_to(again).exists()
    assert shown_data(AnonymousUser(), person) is None


def test_asking_again_while_it_is_open_is_one_look(cast: Cast) -> None:
    person = cast.membership.person
    first = look(person, cast.reviewer)
    assert look(person, cast.reviewer, reason="contact") == first
    assert Unmasking.objects.count() == Entry.objects.filter(kind="person.unmasked").count() == 1


def test_after_its_end_a_look_is_asked_for_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    person = cast.membership.person
    monkeypatch.setattr(unmaskings, "SHOWN_FOR", dt.timedelta(microseconds=1))
    first = look(person, cast.reviewer)
    assert shown_data(cast.reviewer, person) is None
    assert look(person, cast.reviewer) != first


@pytest.mark.parametrize("role", ["member", "investigator", "professional", "outsider"])
def test_nobody_else_may(cast: Cast, role: str) -> None:
    by = cast.by_role()[role]
    assert by is not None
    with pytest.raises(ReviewersAndAuditorsOnly):
        look(make_person("Other"), by)
    assert not Unmasking.objects.exists()


@pytest.mark.parametrize(
    ("reason", "words", "error"),
    [
        ("", WORDS, UnmaskingReasonUnknown),
        ("curiosity", WORDS, UnmaskingReasonUnknown),
        ("claim", "", UnmaskingWordsUnfit),
        ("claim", "  nine ch  ", UnmaskingWordsUnfit),
        ("claim", "x" * 501, UnmaskingWordsUnfit),
    ],
)
def test_without_a_reason_nothing_is_shown(cast: Cast, reason: str, words: str, error: type[DomainError]) -> None:
    with pytest.raises(error):
        look(cast.membership.person, cast.reviewer, reason, words)
    assert not Unmasking.objects.exists()
    assert not Entry.objects.filter(kind="person.unmasked").exists()


@pytest.mark.parametrize("words", ["ten chars.", "x" * 500, "核对申请人的姓名与电话"])
def test_the_limits_of_the_words_are_inside(cast: Cast, words: str) -> None:
    assert look(cast.membership.person, cast.reviewer, words=words).words == words


@pytest.mark.parametrize("relation", ["self", "child", "payer", "sibling", "stranger"])
def test_staff_do_not_look_at_their_own_household(cast: Cast, relation: str) -> None:
    payer = make_person("Payer")
    own = make_person("Own", user=cast.reviewer, payer=payer if relation in {"payer", "sibling"} else None)
    whom = {
        "self": lambda: own,
        "child": lambda: make_person("Child", payer=own),
        "payer": lambda: payer,
        "sibling": lambda: make_person("Sibling", payer=payer),
        "stranger": lambda: make_person("Stranger"),
    }[relation]()
    if relation == "stranger":
        assert look(whom, cast.reviewer)
        return
    with pytest.raises(OwnHousehold):
        look(whom, cast.reviewer)
    assert not Unmasking.objects.exists()


def test_an_hour_allows_so_many_people_and_says_when_the_next(cast: Cast) -> None:
    for number in range(MOST_AN_HOUR):
        look(make_person(f"Person {number}"), cast.reviewer)
    first = Unmasking.objects.earliest("pk")
    with pytest.raises(TooManyUnmaskings) as refused:
        look(cast.membership.person, cast.reviewer)

    assert refused.value.http_status == 429
    local = timezone.localtime(first.unmasked_at + dt.timedelta(hours=1))
    assert moment(local) in str(refused.value)
    assert Unmasking.objects.count() == MOST_AN_HOUR
    # Another reader has an hour of their own, and so has this one later.
    assert look(cast.membership.person, cast.other_reviewer)
    set_clock(first.unmasked_at + dt.timedelta(hours=1))
    assert look(cast.membership.person, cast.reviewer)


def test_who_reads_of_a_look(cast: Cast) -> None:
    person = cast.membership.person
    child = make_person("Child", payer=person)
    rows = [look(child, cast.reviewer), look(person, cast.auditor)]

    assert list(unmaskings_at_household(cast.member)) == list(unmaskings_visible_to(cast.member)) == rows[::-1]
    assert list(unmaskings_visible_to(cast.other_reviewer)) == list(unmaskings_visible_to(cast.auditor)) == rows[::-1]
    for user in (cast.reviewer, cast.outsider, AnonymousUser()):
        assert not unmaskings_at_household(user).exists()
    for outside in (cast.investigator, cast.professional, cast.outsider, AnonymousUser()):
        assert not unmaskings_visible_to(outside).exists()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"reason": "curiosity"}, "a_look_has_a_known_reason"),
        ({"role": "investigator"}, "a_look_is_by_staff"),
        ({"expires_at": dt.datetime(2001, 1, 1, tzinfo=dt.UTC)}, "a_look_ends_after_it_begins"),
    ],
)
def test_the_database_keeps_what_a_look_is(cast: Cast, change: dict[str, object], constraint: str) -> None:
    now = clock.now()
    facts: dict[str, object] = {
        "person": cast.membership.person,
        "by": cast.reviewer,
        "role": "reviewer",
        "reason": "claim",
        "words": WORDS,
        "unmasked_at": now,
        "expires_at": now + SHOWN_FOR,
    }
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Unmasking.objects.create(**(facts | change))


def test_a_look_is_never_changed_or_taken_back(cast: Cast) -> None:
    row = look(cast.membership.person, cast.reviewer)
    row.reason = "contact"
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        row.save(update_fields=["reason"])
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        row.delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_one_person", [True, False])
def test_two_looks_at_once_cannot_both_be_the_last_of_an_hour(
    monkeypatch: pytest.MonkeyPatch, is_one_person: bool
) -> None:
    monkeypatch.setattr(unmaskings, "MOST_AN_HOUR", 1)
    by = make_user("reviewer@test.example", "reviewer")
    first = make_person("One")
    people = [first, first if is_one_person else make_person("Other")]
    barrier = threading.Barrier(2)
    results: list[object] = [None, None]

    def ask(place: int, person: Person) -> None:
        barrier.wait()
        try:
            results[place] = look(person, by)
        except TooManyUnmaskings as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=pair) for pair in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    expected = ["Unmasking", "Unmasking"] if is_one_person else ["TooManyUnmaskings", "Unmasking"]
    assert sorted(type(result).__name__ for result in results) == expected
    assert Unmasking.objects.count() == Entry.objects.filter(kind="person.unmasked").count() == 1
