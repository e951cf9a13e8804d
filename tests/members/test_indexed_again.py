"""What an earlier release indexed is found under the form in which data are compared now (migration 0018)."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from importlib import import_module
from types import SimpleNamespace

from django.apps import apps
from django.conf import settings
from django.db import connection

from members.fields import blind_index
from members.models import Person
from members.selectors.search import matches
from tests.bent import bend_all, unguarded
from tests.factories import make_person

index_again = import_module("members.migrations.0018_one_form_to_compare").index_again


def before(purpose: str, value: str) -> str:
    """A digest as releases before that migration made it."""
    normal = "".join(unicodedata.normalize("NFKC", value).casefold().split())
    return hmac.new(settings.BLIND_INDEX_KEY, f"{purpose}:{normal}".encode(), hashlib.sha256).hexdigest()


def as_before(person: Person) -> Person:
    bend_all(
        Person.objects.filter(pk=person.pk),
        name_digest=int(before("name", person.name)[:16], 16) - 2**63,
        id_digest=before("id_number", person.id_number),
        phone_digest=before("phone", person.phone),
        address_digest=before("address", person.address),
        employer_digest=before("employer", person.employer),
    )
    return person


def play() -> None:
    # It runs before there is a guard of these columns.
    with unguarded():
        index_again(apps, SimpleNamespace(connection=connection))


def data(number: str) -> dict[str, str]:
    return {"id_number": number, "phone": "+86 139-0000-0001", "address": "3\u2011201 Quay", "employer": "A-B Ltd"}


def test_everybody_is_found_again(db: None) -> None:
    person = as_before(make_person("Jean\u2011Paul Li", **data("440981-1985-0517-001X")))
    for kind, term in (("name", "jean paul li"), ("phone", "13900000001"), ("id_number", "44098119850517001x")):
        assert list(matches(term, kind)) == []
        play()
        assert list(matches(term, kind)) == [person.pk]
        as_before(person)
    play()
    person.refresh_from_db()
    assert person.address_digest == blind_index("address", "3-201 quay")
    assert person.employer_digest == blind_index("employer", "AB Ltd")


def test_of_two_with_one_number_the_first_keeps_it(db: None) -> None:
    first = as_before(make_person("One", **data("4409-8119850517001X")))
    other = make_person("Other", **data("another"))
    other.id_number = "44098119850517-001X"
    as_before(other)
    bend_all(Person.objects.filter(pk=other.pk), sealed=other.sealed)
    play()
    assert list(matches("44098119850517001X", "id_number")) == [first.pk]
    assert Person.objects.get(pk=other.pk).id_digest == before("id_number", "44098119850517-001X")
    assert Person.objects.get(pk=other.pk).phone_digest == blind_index("phone", "13900000001")


def test_who_was_erased_stays_without_digests(db: None) -> None:
    erased = make_person("Gone")
    Person.objects.filter(pk=erased.pk).update(sealed=b"", name_digest=None)
    play()
    assert Person.objects.get(pk=erased.pk).name_digest is None
