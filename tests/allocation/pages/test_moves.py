"""The pages on which a member moves to another plan."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Entry
from members.models import HealthStatement, Membership, PlanVersion, User
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_plan_version

pytestmark = pytest.mark.django_db
STATEMENT = {
    "health_medicine_30_days": "no",
    "health_hospital_15_days": "no",
    "health_covered_condition": "no",
    "health_open_examination": "no",
    "is_signed": "on",
}


@pytest.fixture
def senior(cast: Cast) -> PlanVersion:
    """Another plan, that takes members of the cast's from 60 to 70."""
    return make_plan_version("xhb-senior-2019-05-01")


@pytest.fixture
def elder(cast: Cast, senior: PlanVersion) -> Membership:
    """Somebody of 62 whom the cast's member pays for."""
    today = timezone.localdate(clock.now())
    person = make_person("Wang Elder", today.replace(year=today.year - 62, day=1), payer=cast.membership.person)
    return make_membership(cast.plan, person)


def page(membership: Membership) -> str:
    return reverse("membership_move", args=[membership.pk, "xhb-senior"])


def test_the_list_says_what_is_possible_and_why_the_rest_is_not(client: Client, cast: Cast, elder: Membership) -> None:
    client.force_login(cast.member)
    text = client.get(reverse("membership_moves", args=[elder.pk])).content.decode()
    assert page(elder) in text
    assert "60 to 70 completed years" in text
    assert "no new one: it counts from its original start" in text
    text = client.get(reverse("membership_moves", args=[cast.membership.pk])).content.decode()
    assert "Not possible now" in text
    assert "from the age of 60 on" in text
    assert page(cast.membership) not in text


def test_a_plan_that_nobody_moves_out_of_says_so(client: Client, cast: Cast, senior: PlanVersion) -> None:
    membership = make_membership(senior.plan, cast.membership.person)
    client.force_login(cast.member)
    assert "No plan takes members" in client.get(reverse("membership_moves", args=[membership.pk])).content.decode()


def test_the_check_tells_everything_and_moves_nobody(client: Client, cast: Cast, elder: Membership) -> None:
    client.force_login(cast.member)
    text = client.get(page(elder)).content.decode()
    for words in (
        "Ends at once",
        "Begins in the same moment",
        "and was over on",
        "Still owed",
        "can come with the notice",
    ):
        assert words in text, words
    assert "¥100,000.00" in text
    assert "nothing" in text
    for question in cast.version.rules.join.health_questions[:2]:
        assert question.text.en in text
    assert Membership.objects.get(pk=elder.pk).left_at is None


def test_checked_signed_and_moved(client: Client, cast: Cast, elder: Membership, senior: PlanVersion) -> None:
    client.force_login(cast.member)
    response = client.post(page(elder), STATEMENT, follow=True)
    assert response.redirect_chain == [(reverse("home"), 302)]
    new = Membership.objects.get(moved_from=elder)
    assert new.waits_from == elder.joined_at
    assert HealthStatement.objects.filter(membership=new).exists()
    assert Entry.objects.filter(kind="membership.moved", actor=cast.member.audit_ref).count() == 1
    text = response.content.decode()
    assert f"the membership of {senior.plan.title_en} has begun" in text
    assert f"continues in {senior.plan.title_en}" in text
    assert "The wait began on" in text
    again = client.post(page(elder), STATEMENT)
    assert again.status_code == 409
    assert "nothing left to end" in again.content.decode()


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"health_covered_condition": "yes"}, 409, "can&#x27;t be joined with this answer"),
        ({"health_hospital_15_days": ""}, 422, "Answer with yes or no."),
        ({"is_signed": ""}, 422, "Tick the box"),
    ],
)
def test_what_is_against_it_is_told_and_what_was_typed_stays(
    client: Client, cast: Cast, elder: Membership, changes: dict[str, str], status: int, words: str
) -> None:
    client.force_login(cast.member)
    response = client.post(page(elder), STATEMENT | changes)
    text = response.content.decode()
    assert response.status_code == status
    assert words in text
    assert "There is a problem" in text
    assert text.count(" checked") >= 3
    assert Membership.objects.get(pk=elder.pk).left_at is None


def test_who_cannot_move_is_led_to_the_reasons(client: Client, cast: Cast, senior: PlanVersion) -> None:
    client.force_login(cast.member)
    response = client.get(page(cast.membership))
    assert (response.status_code, response["Location"]) == (
        302,
        reverse("membership_moves", args=[cast.membership.pk]),
    )
    assert client.post(page(cast.membership), STATEMENT).status_code == 409
    nowhere = reverse("membership_move", args=[cast.membership.pk, "none"])
    assert client.post(nowhere, STATEMENT)["Location"] == reverse("membership_moves", args=[cast.membership.pk])
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("role", ["outsider", "investigator", "professional", "reviewer", "auditor"])
def test_nobody_else_may_even_look(client: Client, cast: Cast, elder: Membership, role: str) -> None:
    user = cast.by_role()[role]
    assert isinstance(user, User)
    client.force_login(user)
    for address in (page(elder), reverse("membership_moves", args=[elder.pk])):
        assert client.get(address).status_code == 404
    assert client.post(page(elder), STATEMENT).status_code == 404
    assert Membership.objects.get(pk=elder.pk).left_at is None


def test_a_stranger_is_sent_to_the_log_in(client: Client, elder: Membership) -> None:
    assert "/accounts/login/" in client.post(page(elder), STATEMENT)["Location"]


def test_an_upgrade_asks_nothing_but_to_confirm(client: Client, cast: Cast) -> None:
    mutual = make_plan_version("xhb-mutual-2018-10-16")
    person = make_person("Child", dt.date(2015, 1, 1), payer=cast.membership.person)
    membership = make_membership(mutual.plan, person, joined_at=clock.now() - dt.timedelta(days=3))
    client.force_login(cast.member)
    address = reverse("membership_move", args=[membership.pk, "xhb"])
    text = client.get(address).content.decode()
    assert "does not ask about health again" in text
    assert "No new one: it began on" in text
    assert "a tumour that was suspected or treated in the wait is not covered" in text
    assert client.post(address, {"is_signed": "on"}).status_code == 302
    assert Membership.objects.get(moved_from=membership).waits_from == membership.joined_at


def test_more_plans_and_relatives_take_no_more_queries(client: Client, cast: Cast, elder: Membership) -> None:
    client.force_login(cast.member)
    address = reverse("membership_moves", args=[elder.pk])
    counts = []
    for name in ("One", "Two"):
        make_membership(cast.plan, make_person(name, payer=cast.membership.person))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] < 13
