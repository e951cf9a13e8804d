"""One person as the plan's staff read them, and who looked at a member's data."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from adjudication.services.viewings import view_claim
from audit import clock
from audit.actors import SYSTEM
from members.models import HealthStatement, Person
from members.services import unmaskings
from members.services.roles import grant_role, revoke_role
from members.services.unmaskings import unmask_person
from tests.adjudication.deciding import make_decided_claim
from tests.adjudication.making import make_claim
from tests.bent import bend
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_plan_version

pytestmark = pytest.mark.django_db
WORDS = "Their hospital calls and asks for them."
LOOKS = "/home/looks/"


def page(client: Client, person: Person) -> str:
    response = client.get(f"/board/people/{person.pk}/")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    return response.content.decode()


def look(person: Person, by: Any, reason: str = "claim") -> None:
    unmask_person(person_id=person.pk, reason=reason, words=WORDS, by=by)


@pytest.mark.parametrize("who", ["member", "investigator", "professional", "outsider"])
def test_only_reviewers_and_auditors_read_a_person(client: Client, cast: Cast, who: str) -> None:
    client.force_login(getattr(cast, who))
    assert client.get(f"/board/people/{cast.membership.person_id}/").status_code == 403


def test_the_page_shows_everything_except_the_identity(client: Client, cast: Cast) -> None:
    person = cast.membership.person
    person.phone, person.id_number, person.address = "13911112222", "310101198505170011", "7 Mill Lane"
    bend(person)
    make_membership(cast.plan, make_person("Zhou Child", payer=person))
    HealthStatement.objects.create(
        membership=cast.membership, plan_version=cast.version, answers={}, signed_at=clock.now()
    )
    senior = make_plan_version("xhb-senior-2019-05-01").plan
    make_membership(
        senior, person, waits_from=cast.membership.joined_at, joined_at=clock.now() - dt.timedelta(days=9),
        left_at=clock.now() - dt.timedelta(days=1), end_reason="transferred",
    )  # fmt: skip
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.reviewer)
    text = page(client, person)

    assert "W*** X***" in text
    assert "Z*** C***" in text
    assert claim.ref in text
    assert "Show the personal data" in text
    for told in ("transferred to another plan", "without a new waiting period", "signed on", "none is stored"):
        assert told in text
    for secret in (person.name, "Zhou Child", "13911112222", "310101198505170011", "Mill Lane", "1985", "member@test"):
        assert secret not in text


def test_the_data_are_shown_to_the_reader_who_asked_until_the_time_is_over(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = cast.membership.person
    look(person, cast.reviewer)
    client.force_login(cast.reviewer)
    text = page(client, person)
    assert person.name in text
    assert "member@test.example" in text
    assert "Shown to you until" in text
    client.force_login(cast.auditor)
    assert person.name not in page(client, person)
    # The words are for the auditor.
    assert WORDS in page(client, person)
    client.force_login(cast.other_reviewer)
    other = page(client, person)
    assert WORDS not in other
    assert "to work on a claim" in other
    monkeypatch.setattr(unmaskings, "SHOWN_FOR", dt.timedelta(microseconds=1))
    look(person, cast.other_reviewer)
    assert person.name not in page(client, person)


def test_ones_own_household_is_not_asked_for(client: Client, cast: Cast) -> None:
    own = make_person("Own Name", user=cast.reviewer)
    client.force_login(cast.reviewer)
    text = page(client, own)
    assert "your own household" in text
    assert "unmask" not in text
    assert "Own Name" not in text


def test_an_unknown_person_is_not_found(client: Client, cast: Cast) -> None:
    client.force_login(cast.reviewer)
    assert client.get("/board/people/999999999/").status_code == 404


@pytest.mark.parametrize("shown", [False, True])
def test_as_many_queries_for_three_of_each_as_for_one(client: Client, cast: Cast, shown: bool) -> None:
    def grow(number: int) -> None:
        left_at = clock.now() - dt.timedelta(days=100 * (9 - number))
        joined_at = left_at - dt.timedelta(days=90)
        membership = make_membership(cast.plan, person, joined_at=joined_at, left_at=left_at, end_reason="left")
        make_decided_claim(cast.version, membership, outcome="rejected")
        make_membership(cast.plan, make_person("Child", payer=person))
        monkey.setattr(unmaskings, "SHOWN_FOR", dt.timedelta(microseconds=1))
        look(person, cast.auditor)
        monkey.undo()

    monkey = pytest.MonkeyPatch()
    person = make_person("Li Wei")
    grow(1)
    if shown:
        look(person, cast.reviewer)
    client.force_login(cast.reviewer)
    counts = []
    for more in ((), (2, 3)):
        for number in more:
            grow(number)
        page(client, person)
        with CaptureQueriesContext(connection) as captured:
            page(client, person)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_member_reads_who_looked_by_role_when_and_why(client: Client, cast: Cast) -> None:
    person = cast.membership.person
    child = make_person("Wang Le", payer=person)
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.member)
    assert "Nobody has looked" in client.get(LOOKS).content.decode()
    look(person, cast.reviewer, "contact")
    look(child, cast.auditor, "authority")
    look(make_person("Stranger"), cast.reviewer, "identity")
    view_claim(claim=claim, by=cast.other_reviewer)
    text = client.get(LOOKS).content.decode()

    for told in ("reviewer", "auditor", "to reach the person", "a court or an authority", f"opened claim {claim.ref}"):
        assert told in text
    assert "Wang Le" in text
    assert "verify somebody" not in text
    for secret in (cast.reviewer.email, cast.reviewer.audit_ref, WORDS, "Stranger"):
        assert secret not in text
    assert text.count("<tr>") == 4


def test_the_role_shown_is_the_one_held_at_that_time(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    view_claim(claim=claim, by=cast.reviewer)
    revoke_role(user=cast.reviewer, role="reviewer", by=SYSTEM)
    grant_role(user=cast.reviewer, role="investigator", by=SYSTEM)
    view_claim(claim=claim, by=cast.outsider)
    client.force_login(cast.member)
    text = client.get(LOOKS).content.decode()

    assert "investigator" not in text
    assert "a member of the plan&#x27;s staff" in text


@pytest.mark.parametrize("who", ["reviewer", "outsider"])
def test_looks_at_other_people_are_not_shown(client: Client, cast: Cast, who: str) -> None:
    look(cast.membership.person, cast.reviewer)
    client.force_login(getattr(cast, who))
    assert "Nobody has looked" in client.get(LOOKS).content.decode()


def test_the_start_page_leads_there(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    assert LOOKS in client.get("/home/").content.decode()


def test_as_many_queries_for_three_looks_as_for_one(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.member)
    counts = []
    for more in (1, 2):
        for _ in range(more):
            view_claim(claim=claim, by=cast.reviewer)
            look(make_person("Child", payer=cast.membership.person), cast.reviewer)
        client.get(LOOKS)
        with CaptureQueriesContext(connection) as captured:
            client.get(LOOKS)
        counts.append(len(captured))
    assert counts[0] == counts[1]
