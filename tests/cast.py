"""A known cast of people: every page test knows them by name."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from members.models import Membership, Plan, PlanVersion, User
from tests.factories import make_membership, make_person, make_plan_version, make_user


@dataclass(frozen=True)
class Cast:
    """One person in every role, and an outsider who has only a log-in."""

    version: PlanVersion
    member: User
    membership: Membership
    investigator: User
    other_investigator: User
    professional: User
    reviewer: User
    other_reviewer: User
    auditor: User
    outsider: User

    @property
    def plan(self) -> Plan:
        return self.version.plan

    def by_role(self) -> dict[str, User | None]:
        return {
            "anonymous": None,
            "outsider": self.outsider,
            "member": self.member,
            "investigator": self.investigator,
            "professional": self.professional,
            "reviewer": self.reviewer,
            "auditor": self.auditor,
        }


@pytest.fixture
def cast(db: None) -> Cast:
    version = make_plan_version()
    member = make_user("member@test.example")
    membership = make_membership(version.plan, make_person(user=member))
    return Cast(
        version=version,
        member=member,
        membership=membership,
        investigator=make_user("investigator@test.example", "investigator"),
        other_investigator=make_user("investigator2@test.example", "investigator"),
        professional=make_user("professional@test.example", "professional"),
        reviewer=make_user("reviewer@test.example", "reviewer"),
        other_reviewer=make_user("reviewer2@test.example", "reviewer"),
        auditor=make_user("auditor@test.example", "auditor"),
        outsider=make_user("outsider@test.example"),
    )
