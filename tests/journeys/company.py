"""A small plan and everybody who is needed to bring one claim through it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from adjudication.models import Claim, DutyRecord, Investigation
from adjudication.services.advancing import advance_claim
from adjudication.services.claims import give_nonce, submit_claim
from adjudication.services.investigations import record_duty, sign_report, take_investigation
from audit import clock
from audit.actors import SYSTEM
from audit.services import publish
from jury.models import Opinion, Seat
from jury.services.ballots import cast_ballot, open_case_file
from jury.services.jurors import qualify_juror
from jury.services.opinions import give_opinion
from members.models import Membership, Plan, User
from tests.factories import make_membership, make_person, make_plan_version, make_user

PASSWORD = "secret-word"
CLAIMANT, PHONE_NUMBER = "Lin Xiaomei", "13911112222"
PANEL_OF_THREE = {"\nseats = 7": "\nseats = 3", "quorum = 5": "quorum = 2", "fresh_seats = 15": "fresh_seats = 7"}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
JURORS, DOCTORS, OTHER_MEMBERS = 4, 3, 6


@dataclass(frozen=True)
class Company:
    """The people of one journey; all have the password `secret-word`."""

    plan: Plan
    member: User
    membership: Membership
    investigator: User
    doctors: tuple[User, ...]
    reviewer: User
    other_reviewer: User
    auditor: User


def small_company() -> Company:
    """A plan with a panel of three, four jurors, three doctors and somebody in every other role."""
    plan = make_plan_version("xhb-2020-01-01", **PANEL_OF_THREE).plan
    member = make_user("member@test.example")
    born_on = dt.date(1990, 5, 17)
    claimant = make_person(CLAIMANT, born_on, user=member, phone=PHONE_NUMBER, id_number="310101199005170011")
    for number in range(JURORS):
        held = make_membership(plan, make_person(f"Juror {number}", user=make_user(f"juror{number}@test.example")))
        qualify_juror(membership=held, exam_passed_at=clock.now(), by=SYSTEM)
    for number in range(OTHER_MEMBERS):
        make_membership(plan, make_person(f"Other {number}"))
    return Company(
        plan=plan,
        member=member,
        membership=make_membership(plan, claimant),
        investigator=make_user("investigator@test.example", "investigator"),
        doctors=tuple(make_user(f"doctor{number}@test.example", "professional") for number in range(DOCTORS)),
        reviewer=make_user("reviewer@test.example", "reviewer"),
        other_reviewer=make_user("reviewer2@test.example", "reviewer"),
        auditor=make_user("auditor@test.example", "auditor"),
    )


def days_ago(days: int) -> dt.date:
    return timezone.localdate(clock.now()) - dt.timedelta(days=days)


# -------- Short cuts through the services, for journeys that begin further on -----------------------------------------
def filed(company: Company) -> Claim:
    """A claim that the member has sent."""
    return submit_claim(
        membership=company.membership,
        icd10="C50.9",
        severity="severe",
        is_accident=False,
        first_diagnosed_on=days_ago(30),
        suspected_on=None,
        hospital="Ruijin Hospital",
        account="A lump was found.",
        by=company.member,
    )


def taken(claim: Claim, investigator: User) -> Investigation:
    return take_investigation(investigation_id=claim.investigations.get(status="waiting").pk, by=investigator)


def investigated(company: Company) -> Claim:
    """A claim whose report supports it."""
    claim = filed(company)
    investigation = taken(claim, company.investigator)
    for duty in DutyRecord.objects.filter(investigation=investigation):
        record_duty(
            duty_id=duty.pk,
            result="confirms",
            findings="Seen.",
            jury_summary="The papers agree.",
            done_on=days_ago(0),
            by=company.investigator,
        )
    sign_report(
        investigation_id=investigation.pk,
        recommendation="support",
        reason_codes=["evidence_convincing"],
        report="Seen and checked.",
        jury_summary="All papers agree.",
        by=company.investigator,
    )
    return claim


def before_the_jury(company: Company) -> Claim:
    """A claim whose panel is drawn and open."""
    claim = investigated(company)
    advance_claim(claim_id=claim.pk)
    publish()
    give_nonce(claim_ref=claim.ref, nonce="lucky seven", by=company.member)
    advance_claim(claim_id=claim.pk)
    return claim


def ready_to_decide(company: Company) -> Claim:
    """A claim that all jurors support; the table says that it is approved."""
    claim = before_the_jury(company)
    for seat in open_seats(claim):
        vote(seat)
    publish()
    advance_claim(claim_id=claim.pk)
    return claim


def open_seats(claim: Claim) -> list[Seat]:
    found = Seat.objects.filter(panel__case_ref=claim.ref, status=Seat.Status.SUMMONED)
    return list(found.select_related("juror__person__user").order_by("place"))


def juror_of(seat: Seat) -> User:
    user = seat.juror.person.user
    assert user is not None
    return user


def vote(seat: Seat, choice: str = "support") -> None:
    """The juror opens the file and casts."""
    open_case_file(seat_id=seat.pk, by=juror_of(seat))
    cast_ballot(
        seat_id=seat.pk,
        choice=choice,
        reason_codes=[],
        words="",
        is_medical_question=False,
        replaces=0,
        by=juror_of(seat),
    )


def opinions_asked(claim: Claim) -> list[Opinion]:
    found = Opinion.objects.filter(request__case_ref=claim.ref, given_at=None).select_related("professional")
    return list(found.order_by("pk"))


def opine(opinion: Opinion, answer: str) -> None:
    answers = {question["code"]: answer for question in opinion.request.questions}
    give_opinion(opinion_id=opinion.pk, answers=answers, reasons="As the papers show.", by=opinion.professional)
