"""A claim before the jury: a small plan, its jurors and doctors, and the steps from a report to a decision."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from adjudication.models import Claim, Decision, Hearing
from adjudication.services.advancing import advance_claim
from adjudication.services.decisions import issue_decision
from adjudication.services.evidence import add_files
from adjudication.services.opinions import give_opinion
from audit.actors import SYSTEM
from audit.services import publish
from jury.models import Opinion, OpinionRequest, Panel, Seat
from jury.services.ballots import CastBallot, cast_ballot
from jury.services.jurors import qualify_juror
from jury.services.panels import give_nonce
from members.models import PlanVersion, User
from tests.adjudication.making import found, make_claim, pdf, record_all, signed, taken
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_user, make_version_from, plan_file

SMALL = {"\nseats = 7": "\nseats = 3", "quorum = 5": "quorum = 2", "fresh_seats = 15": "fresh_seats = 7"}

DISPUTED = {'policy = "all"\nanswer_days = "none"': 'policy = "disputed"\nanswer_days = 10'}
"""The jury for disputed claims only, with ten days to ask for it."""
CLAUSES_THAT_BIND = ("plan_version", "membership", "condition_covered", "severity", "exclusion", "age", "aided_before")
"""Those of the shipped files."""
NONE_BINDS = {"binding = [" + ", ".join(f'"{one}"' for one in CLAUSES_THAT_BIND) + "]": "binding = []"}
"""Every clause is the jury's to judge, as before the key."""
AGAINST = {"recommendation": "against", "reason_codes": ["not_proved"]}
"""A report by which a claim would be rejected."""


def small_source(**changed: str) -> str:
    """The plan of 2020 with a panel of three; `changed` replaces further pieces of its file."""
    source = plan_file("xhb-2020-01-01")
    for old, new in (SMALL | changed).items():
        assert old in source, old
        source = source.replace(old, new)
    return source


def small_cast(changed: dict[str, str] | None = None) -> Cast:
    """One person in every role, under the small plan."""
    version = make_version_from(small_source(**(changed or {})))
    member = make_user("member@test.example")
    born_on = dt.date(1999, 5, 17)
    person = make_person("Zhao Claimant", born_on, user=member, phone="13911112222", id_number="310101199905170011")
    return Cast(
        version=version,
        member=member,
        membership=make_membership(version.plan, person),
        investigator=make_user("investigator@test.example", "investigator"),
        other_investigator=make_user("investigator2@test.example", "investigator"),
        professional=make_user("professional@test.example", "professional"),
        reviewer=make_user("reviewer@test.example", "reviewer"),
        other_reviewer=make_user("reviewer2@test.example", "reviewer"),
        auditor=make_user("auditor@test.example", "auditor"),
        outsider=make_user("outsider@test.example"),
    )


@dataclass
class Trial:
    """One investigated claim and everybody who judges it."""

    cast: Cast
    claim: Claim
    doctors: list[User] = field(default_factory=list)

    @property
    def version(self) -> PlanVersion:
        return self.cast.version

    def reload(self) -> Claim:
        self.claim = Claim.objects.get(pk=self.claim.pk)
        return self.claim

    def advance(self) -> str:
        """Whatever is due, between two checkpoints of the log, as beat has them signed every few seconds."""
        publish()
        advance_claim(claim_id=self.claim.pk)
        publish()
        return self.reload().status

    @property
    def hearing(self) -> Hearing:
        return self.claim.hearings.select_related("panel", "opinion_request").latest("round")

    @property
    def panel(self) -> Panel:
        return self.hearing.panel

    @property
    def seats(self) -> list[Seat]:
        found = self.panel.seats.filter(status="summoned").select_related("juror__person__user")
        return list(found.order_by("place"))

    def draw(self) -> list[Seat]:
        """Announce the draw, give the applicant's word, draw."""
        self.advance()
        give_nonce(panel_id=self.panel.pk, nonce="lucky seven", by=self.cast.member)
        self.advance()
        return self.seats

    def vote(self, ballots: str, **changes: Any) -> str:
        """Cast one ballot for each letter (s: support, a: against), then move on."""
        for seat, letter in zip(self.seats, ballots, strict=False):
            vote(seat, "support" if letter == "s" else "against", **changes)
        return self.advance()

    @property
    def request(self) -> OpinionRequest:
        found = self.hearing.opinion_request
        assert found is not None
        return found

    def opine(self, answer: str, *facts: dict[str, str], **answers: str) -> str:
        """Every doctor gives the same answer to every question but those named, then the claim moves on.

        `facts` are what each doctor finds, in turn; one for all of them if it is given once.
        """
        asked = Opinion.objects.filter(request=self.request).select_related("professional").order_by("pk")
        found = facts * len(asked) if len(facts) == 1 else facts
        for opinion, one in itertools.zip_longest(asked, found, fillvalue={}):
            assert isinstance(opinion, Opinion)
            give_opinion(
                opinion_id=opinion.pk,
                answers={question["code"]: answer for question in self.request.questions} | answers,
                reasons="Seen.",
                facts=one if isinstance(one, dict) else {},
                confidence="probable",
                by=opinion.professional,
            )
        return self.advance()

    def investigate_again(self) -> str:
        investigation = taken(self.claim, self.cast.investigator)
        record_all(investigation, self.cast.investigator)
        signed(investigation, self.cast.investigator)
        return self.advance()

    def issue(self, *reasons: str, by: User | None = None) -> Decision:
        decision = issue_decision(claim_ref=self.claim.ref, reason_codes=list(reasons), by=by or self.cast.reviewer)
        self.reload()
        return decision


def add_jurors(version: PlanVersion, count: int) -> None:
    for number in range(count):
        person = make_person(f"Juror {number}", user=make_user())
        membership = make_membership(version.plan, person)
        qualify_juror(membership=membership, exam_passed_at=membership.joined_at, by=SYSTEM)


def vote(seat: Seat, choice: str = "support", **changes: Any) -> CastBallot:
    given: dict[str, Any] = {
        "choice": choice,
        "reason_codes": [],
        "words": "",
        "is_medical_question": False,
        "replaces": seat.last_sequence,
    }
    return cast_ballot(seat_id=seat.pk, by=juror_of(seat), **(given | changes))


def juror_of(seat: Seat) -> User:
    user = seat.juror.person.user
    assert user is not None
    return user


def make_trial(
    cast: Cast | None = None,
    *,
    jurors: int = 4,
    doctors: int = 3,
    report: dict[str, Any] | None = None,
    findings: Sequence[tuple[str, str]] = (),
    papers: Sequence[str] = (),
    **facts: Any,
) -> Trial:
    """An investigated claim in a small plan, with a pool of jurors and with doctors.

    `findings` are what the investigator found of facts, by name: a value, or empty for what is not proven; `papers`
    the kinds of the papers that the applicant brings.
    """
    cast = cast or small_cast()
    add_jurors(cast.version, jurors)
    asked = [cast.professional, *[make_user(None, "professional") for _ in range(doctors - 1)]]
    claim = make_claim(cast.membership, cast.member, **facts)
    for kind in papers:
        add_files(uploads=[pdf()], kind=kind, title="", by=cast.member, claim=claim)
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    for fact, value in findings:
        found(investigation, fact, value)
    signed(investigation, cast.investigator, **(report or {}))
    trial = Trial(cast, claim, asked)
    trial.reload()
    return trial


def at_vote(cast: Cast | None = None, **facts: Any) -> Trial:
    """A trial whose three jurors are drawn."""
    trial = make_trial(cast, jurors=3, **facts)
    trial.draw()
    return trial
