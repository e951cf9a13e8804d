"""One claim brought to a voting panel through the services, and its jurors."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from adjudication.models import Claim
from adjudication.services.advancing import advance_claim
from adjudication.services.claims import submit_claim
from adjudication.services.investigations import record_duty, sign_report, take_investigation
from audit import clock
from audit.actors import SYSTEM
from audit.services import publish
from bench.crowd import make_plan, make_user
from jury.models import Panel, Seat
from jury.services.jurors import qualify_juror
from jury.services.panels import give_nonce
from members.models import Membership, Plan
from members.models.users import Role
from members.services.memberships import join_plan
from members.services.people import register_person

SEATS = 7
SPARE = 13
"""Jurors beyond the seats."""


def seats_of_a_sitting_panel(wanted: int = SEATS) -> list[Seat]:
    """The seats of a panel that has just been drawn, at least as many as wanted, each with its juror's log-in."""
    seats = wanted | 1  # a panel has an odd number
    plan = make_plan("bench-court", seats=seats)
    for number in range(seats + SPARE):
        membership = _member(plan, f"juror{number}@bench.example")
        qualify_juror(membership=membership, exam_passed_at=clock.now(), by=SYSTEM)
    claim = _investigated_claim(_member(plan, "member@bench.example"))
    advance_claim(claim_id=claim.pk)
    panel = Panel.objects.get(case_ref=claim.ref)
    publish()
    give_nonce(panel_id=panel.pk, nonce="bench", by=SYSTEM)
    advance_claim(claim_id=claim.pk)
    return list(panel.seats.filter(status=Seat.Status.SUMMONED).select_related("juror__person__user", "panel"))


def _member(plan: Plan, email: str) -> Membership:
    user = make_user(email)
    person = register_person(name="王小明", born_on=dt.date(1990, 1, 1), user=user, by=SYSTEM)
    rules = plan.versions.get().rules
    answers = {question.code: question.allowed_answer for question in rules.join.health_questions}
    joined_at = clock.now() - dt.timedelta(days=400)
    return join_plan(person=person, plan=plan, joined_at=joined_at, health_answers=answers, by=SYSTEM)


def _investigated_claim(membership: Membership) -> Claim:
    today = timezone.localdate(clock.now())
    claim = submit_claim(
        membership=membership,
        icd10="I64",
        severity="severe",
        is_accident=False,
        first_diagnosed_on=today - dt.timedelta(days=20),
        suspected_on=None,
        hospital="First Hospital",
        account="",
        by=SYSTEM,
    )
    investigation = claim.investigations.get()
    investigator = make_user("investigator@bench.example", Role.INVESTIGATOR)
    take_investigation(investigation_id=investigation.pk, by=investigator)
    for duty in investigation.duties.all():
        record_duty(
            duty_id=duty.pk,
            result="confirms",
            findings="The files agree.",
            jury_summary="The files agree.",
            done_on=today,
            by=investigator,
        )
    sign_report(
        investigation_id=investigation.pk,
        recommendation="support",
        reason_codes=[claim.plan_version.rules.reasons_for("approved")[0].code],
        report="The five duties were done.",
        jury_summary="The five duties were done.",
        by=investigator,
    )
    return claim
