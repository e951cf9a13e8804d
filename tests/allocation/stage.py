"""The cast's plan with a published, a charged or a paid period."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from adjudication.models import Claim
from allocation.models import Period
from members.models import User
from tests.allocation.making import charge, make_approved_claim, make_members, pay_everything, publish
from tests.cast import Cast

BACKEND = "members.sessions.LogInBackend"


@dataclass
class Stage:
    """The cast, a claim of ten yuan that only the case cap limits, and who is looking."""

    cast: Cast
    claim: Claim
    client: Client

    def as_(self, user: User | None) -> Client:
        self.client.logout()
        if user is not None:
            self.client.force_login(user, backend=BACKEND)
        return self.client

    def noticed(self) -> Period:
        return publish(self.cast.plan)

    def charged(self) -> Period:
        return charge(self.noticed())

    def paid(self) -> Period:
        return pay_everything(self.charged())

    def more_claims(self, count: int) -> list[Claim]:
        return [make_approved_claim(self.cast.version, 20_00) for _each in range(count)]


@pytest.fixture
def stage(cast: Cast, client: Client) -> Stage:
    make_members(cast.plan, 20)
    return Stage(cast, make_approved_claim(cast.version, 10_00), client)
