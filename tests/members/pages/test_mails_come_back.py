from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from tests.members.telling import brought_to, told_to

pytestmark = pytest.mark.django_db
WORDS = "E-mails to you come back"


def test_the_page_of_addresses_says_that_mails_come_back(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    assert WORDS not in client.get(reverse("account_email")).content.decode()
    brought_to(told_to(user), "bounced", "5.1.1")
    assert WORDS in client.get(reverse("account_email")).content.decode()


def test_nobody_else_reads_it(client: Client) -> None:
    brought_to(told_to(make_user()), "bounced", "5.1.1")
    client.force_login(make_user())
    assert WORDS not in client.get(reverse("account_email")).content.decode()
