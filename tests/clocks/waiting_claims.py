"""Claims at rest in every state, for tests: nobody does anything for them any more."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from adjudication.models import Claim
from adjudication.services.advancing import advance_claim
from adjudication.services.holds import place_hold
from adjudication.tasks import sweep_deadlines
from allocation.tasks import sweep_deadlines as sweep_money
from audit import clock
from audit.services import publish
from members.models import IdentityQuestion, PlanVersion, User
from tests.adjudication.deciding import make_decided_claim
from tests.adjudication.making import found, make_claim, make_withdrawal, record_all, signed, taken
from tests.adjudication.trials import AGAINST, DISPUTED, add_jurors, small_source, vote
from tests.factories import make_membership, make_person, make_user, make_version_from

_number = itertools.count(1)


def run_sweeps() -> None:
    """What the workers do within half a minute: steps, then the log's checkpoint, then what waited for it."""
    for _run in range(3):
        looked_at = sweep_deadlines() + sweep_money()
        publish()
        if not looked_at:
            return


@dataclass
class Waiting:
    """Plans, people who could act, and the claims that wait for them."""

    version: PlanVersion
    investigators: list[User] = field(default_factory=list)
    reviewer: User = field(default_factory=lambda: make_user(None, "reviewer"))
    claims: dict[str, Claim] = field(default_factory=dict)

    def filed(self, name: str, version: PlanVersion | None = None) -> Claim:
        """A claim of somebody new."""
        version, user = version or self.version, make_user()
        number = f"3101011999{next(_number):08}"
        membership = make_membership(version.plan, make_person(f"Member {number}", user=user, id_number=number))
        self.claims[name] = make_claim(membership, user)
        return self.claims[name]

    def taken(self, name: str, version: PlanVersion | None = None) -> Claim:
        """The same, taken by the first investigator."""
        claim = self.filed(name, version)
        taken(claim, self.investigators[0])
        return self.again(name)

    def signed(self, name: str, version: PlanVersion | None = None, **report: object) -> Claim:
        """The same, with a signed report."""
        claim = self.taken(name, version)
        investigation = claim.investigations.get(status="open")
        record_all(investigation, self.investigators[0])
        signed(investigation, self.investigators[0], **report)
        return self.again(name)

    def drawn(self, name: str) -> Claim:
        """The same, before its jurors."""
        claim = self.signed(name)
        advance_claim(claim_id=claim.pk)
        publish()
        return self.again(name)

    def again(self, name: str) -> Claim:
        """The claim as it is now."""
        self.claims[name] = Claim.objects.get(pk=self.claims[name].pk)
        return self.claims[name]


def a_plan(code: str, *, jurors: int = 0, **changed: str) -> PlanVersion:
    """A small plan under another name."""
    source = small_source(**changed).replace('\ncode = "xhb"', f'\ncode = "{code}"')
    version = make_version_from(source, f"{code}.toml")
    add_jurors(version, jurors)
    return version


def claims_everywhere() -> Waiting:
    """A claim in every state of the machine that is no end, and in the waits that come on top of one."""
    world = Waiting(a_plan("crowd", jurors=5))
    world.investigators = [make_user(None, "investigator") for _each in range(2)]
    make_user(None, "professional")
    lonely = a_plan("lonely")
    asking = a_plan("asking", jurors=3, **DISPUTED)
    world.filed("submitted")
    world.taken("taken")
    world.signed("signed")
    world.drawn("drawn")
    world.signed("no jurors", lonely)
    world.signed("asked", asking, **AGAINST)
    world.signed("supported", asking)
    held = world.filed("held")
    place_hold(claim_ref=held.ref, reason="The hospital is asked once more.", by=world.reviewer)
    make_withdrawal(world.taken("withdrawn record"))
    doubted = world.signed("doubted", asking)
    IdentityQuestion.objects.create(person=doubted.membership.person, doubts=["check_digit"], asked_at=clock.now())
    late = world.signed("found late", asking)
    found(late.investigations.get(), "severity", "mild")
    world.claims["approved"] = make_decided_claim(world.version, outcome="approved")
    return world


def vote_for(claim: Claim) -> None:
    """Every juror of a claim supports it."""
    hearing = claim.hearings.select_related("panel").latest("round")
    for seat in hearing.panel.seats.filter(status="summoned").select_related("juror__person__user"):
        vote(seat)
