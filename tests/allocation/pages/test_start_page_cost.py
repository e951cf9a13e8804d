"""What the start page costs staff, who are asked for nothing of members."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Person, User
from tests.bent import bend_all
from tests.cast import Cast

pytestmark = pytest.mark.django_db
OF_MEMBERS = ("allocation_arrear", "allocation_period", "adjudication_answer")


def asked(client: Client, user: User) -> list[str]:
    client.force_login(user)
    client.get(reverse("home"))
    with CaptureQueriesContext(connection) as found:
        client.get(reverse("home"))
    return [one["sql"] for one in found]


def test_staff_who_are_no_members_are_asked_for_nothing_of_members(client: Client, cast: Cast) -> None:
    of_reviewer = asked(client, cast.reviewer)
    assert len(of_reviewer) <= MOST_OF_A_REVIEWER
    own = [sql for sql in asked(client, cast.professional) if any(f'FROM "{one}"' in sql for one in OF_MEMBERS)]
    assert own == []


def test_who_is_staff_and_a_member_sees_both(client: Client, cast: Cast) -> None:
    bend_all(Person.objects.filter(user=cast.member), user=cast.reviewer)
    client.force_login(cast.reviewer)
    shown = client.get(reverse("home")).content.decode()
    assert str(cast.membership.person.name) in shown or reverse("membership_leave", args=[cast.membership.pk]) in shown


MOST_OF_A_REVIEWER = 42
