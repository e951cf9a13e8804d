"""A plan with a pool of jurors, and a case to judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from audit import clock
from audit.actors import SYSTEM
from audit.services import publish
from jury.models import Juror, Panel, Seat
from jury.services.ballots import CastBallot, cast_ballot
from jury.services.jurors import qualify_juror
from jury.services.panels import close_panel, commit_panel, draw_panel, give_nonce
from members.digests import hospital_digest, household_digest, payer_digest, person_digest
from members.models import Membership, Person, Plan, PlanVersion, User
from members.rules.plans import PlanRules
from tests.factories import make_membership, make_person, make_plan_version, make_user

CASE = "C26-TEST01"
CASE_FILE = {"claim": CASE, "illness": {"icd10": "C50"}, "clauses": []}


@dataclass
class Court:
    """A plan with jurors, and one case whose claimant is `claimant`."""

    version: PlanVersion
    claimant: Membership

    @property
    def plan(self) -> Plan:
        return self.version.plan

    @property
    def rules(self) -> PlanRules:
        return self.version.rules

    def add_juror(self, person: Person | None = None, **person_fields: Any) -> Juror:
        person = person or make_person(user=make_user(), **person_fields)
        membership = person.memberships.filter(plan=self.plan).first() or make_membership(self.plan, person)
        return qualify_juror(membership=membership, exam_passed_at=clock.now(), by=person.user)

    def add_jurors(self, count: int) -> list[Juror]:
        return [self.add_juror() for _ in range(count)]

    def facts(self) -> dict[str, list[str]]:
        person = self.claimant.person
        return {
            "claimants": [person_digest(person)],
            "payers": [payer_digest(person)],
            "households": [household_digest(person)],
            "addresses": [person.address_digest] if person.address_digest else [],
            "phones": [person.phone_digest] if person.phone_digest else [],
            "employers": [person.employer_digest] if person.employer_digest else [],
            "hospitals": [hospital_digest("First Hospital")],
        }

    def commit(
        self, case_ref: str = CASE, round_: int = 1, seats: int = 3, quorum: int = 2, *, is_sealed: bool = True
    ) -> Panel:
        """The commitment, and the checkpoint over it that beat would have signed seconds later."""
        panel = commit_panel(
            plan=self.plan,
            rules=self.rules,
            case_ref=case_ref,
            round=round_,
            seats=seats,
            quorum=quorum,
            case_file=CASE_FILE,
            case_facts=self.facts(),
            by=SYSTEM,
        )
        if is_sealed:
            publish()
        return panel

    def drawn(self, **terms: Any) -> Panel:
        panel = self.commit(**terms)
        give_nonce(panel_id=panel.pk, nonce="lucky 7", by=self.claimant.person.user)
        return draw_panel(panel_id=panel.pk, by=SYSTEM)


def make_court() -> Court:
    version = make_plan_version()
    claimant = make_membership(version.plan, make_person("Chen Ill", user=make_user(), phone="13800000001"))
    return Court(version, claimant)


@pytest.fixture
def court(db: None) -> Court:
    return make_court()


def sitting(panel: Panel) -> list[Seat]:
    return list(panel.seats.filter(status="summoned").select_related("juror__person__user").order_by("place"))


def user_of(seat: Seat) -> User:
    user = seat.juror.person.user
    assert user is not None
    return user


def vote(seat: Seat, choice: str = "support", **changes: Any) -> CastBallot:
    given: dict[str, Any] = {
        "choice": choice,
        "reason_codes": [],
        "words": "",
        "is_medical_question": False,
        "replaces": seat.last_sequence,
    }
    return cast_ballot(seat_id=seat.pk, by=user_of(seat), **(given | changes))


def close(panel: Panel) -> Panel:
    """The close, after the checkpoint over the ballots that beat would have signed seconds later."""
    publish()
    return close_panel(panel_id=panel.pk, by=SYSTEM)
