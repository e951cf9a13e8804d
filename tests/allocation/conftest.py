"""A plan with members, and a claim of theirs that waits for a period."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from adjudication.models import Claim
from members.models import Plan, PlanVersion
from tests.allocation.making import make_approved_claim, make_members, uncapped_version
from tests.allocation.stage import stage  # noqa: F401


@dataclass(frozen=True)
class Desk:
    """A plan of ten members, of whom one has an approved claim of 1,000 yuan: fee 80, so each pays 108."""

    version: PlanVersion
    claim: Claim

    @property
    def plan(self) -> Plan:
        return self.version.plan


@pytest.fixture
def desk(db: None) -> Desk:
    version = uncapped_version()
    make_members(version.plan, 9)
    return Desk(version, make_approved_claim(version, 1_000_00))
