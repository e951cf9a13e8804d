"""Grows the demonstration of this code after its rehearsal: claims, periods and payments in every unfinished state.

Started by tests.upgrade.dumping, which starts the servers. Uses the services alone, so that the rows and entries are
what the release writes itself. A release that brings a new unfinished state adds it here, and to the test that a
fixture holds all of them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from adjudication.models import Claim, Hearing
from adjudication.services.advancing import advance_claim
from adjudication.services.claims import withdraw_claim
from adjudication.services.drafts import save_step, start_draft
from adjudication.services.holds import place_hold
from adjudication.services.investigations import return_report
from allocation.demo import acts, stories
from allocation.demo.acts import AGAINST, SUPPORT, Claimant
from allocation.models import Arrear, BankRefusal, Collection, Payout, Period
from allocation.rules.asking import FOR_A_PERSON_AFTER
from allocation.selectors.failures import name_of
from allocation.selectors.periods import next_notice_day
from allocation.services.dissolutions import propose_dissolution
from allocation.services.failures import read_failures
from allocation.services.memberships import move
from allocation.services.payments import collect, pay
from allocation.services.periods import charge_period, publish_notice
from audit import clock
from audit.actors import SYSTEM
from audit.clock_functions import set_to
from audit.models import Checkpoint, Entry
from audit.owner import as_owner
from audit.selectors import EntryFilter, latest_checkpoint
from audit.services import publish
from audit.services.exports import export_log
from jury.models import Juror, Opinion, Panel, Seat
from jury.recusals import RecusalReason
from jury.services.ballots import cast_ballot
from jury.services.opinions import give_opinion
from jury.services.seats import recuse_seat
from members.demo.loading import open_hidden_login
from members.models import Membership, Person, Plan, PlanVersion, User
from members.models.people import Sex
from members.rules.dates import start_of_day
from members.services.memberships import join_plan
from members.services.people import register_person

MORNING = dt.timedelta(hours=9)
LONG_ENOUGH = dt.timedelta(days=220)
IN_WAIT = dt.timedelta(days=60)
ADULT = dt.timedelta(days=30 * 365)
WITHOUT_MONEY = 6
TILE = 256


class Stage:
    """The people of the demonstration, and what they do next."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.investigator = user("investigator")
        self.reviewer, self.reviewer2 = user("reviewer"), user("reviewer2")
        self.member = user("member")
        self.now = clock.now()
        free = Membership.objects.filter(plan=plan, left_at=None, person__payer=None, person__user=None)
        free = free.exclude(pk__in=Claim.objects.values("membership")).order_by("pk")
        self.free = iter(list(free.filter(joined_at__lt=self.now - LONG_ENOUGH)))

    def claimant(self) -> Claimant:
        membership = next(self.free)
        return Claimant(membership, open_hidden_login(membership.person))

    def approved(self, story: stories.Story) -> Claim:
        """Filed, investigated, judged and decided."""
        claimant = self.claimant()
        claim = acts.file_claim(claimant, story)
        acts.investigate(claim, story, self.investigator, SUPPORT)
        acts.judge(claim, claimant, [SUPPORT] * 7)
        acts.decide(claim, self.reviewer2)
        return claim

    def periods(self) -> None:
        """One charged period with arrears and payouts of every fate, and one that is noticed."""
        paid = [self.approved(story) for story in (stories.BREAST, stories.HEART, stories.LEUKAEMIA, stories.COLON)]
        poor = Membership.objects.filter(plan=self.plan, left_at=None, is_gifted=False, person__payer=None)
        poor = poor.exclude(pk__in=Claim.objects.values("membership")).order_by("-pk")[:WITHOUT_MONEY]
        for membership in poor:
            BankRefusal.objects.create(member=name_of(membership))
        # One of those who will be aided has not paid their share, so that it is taken off the aid.
        BankRefusal.objects.create(member=name_of(paid[3].membership))
        charged = self.charge(self.notice())
        for collection in Collection.objects.filter(share__period=charged).order_by("pk"):
            collect(collection_id=collection.pk)
            read_failures(collection_id=collection.pk)
        assert Arrear.objects.filter(period=charged, status=Arrear.Status.OWED).count() >= WITHOUT_MONEY
        unknown, silent, sent, _pending = Payout.objects.filter(period=charged).order_by("pk")
        self.pay_silently(unknown, "tests.upgrade.silent_banks.TakesAndIsSilent", 2)
        self.pay_silently(silent, "tests.upgrade.silent_banks.NeverHears", 2)
        self.pay_silently(sent, "tests.upgrade.silent_banks.TakesAndIsSilent", 1)
        self.approved(stories.THYROID)
        self.approved(stories.BREAST)
        self.notice()
        self.approved(stories.HEART)

    def notice(self) -> Period:
        on = next_notice_day(self.plan)
        at = start_of_day(on, self.plan.timezone) + MORNING
        move_clock(at)
        return publish_notice(plan=self.plan, notice_on=on, by=self.reviewer)

    def charge(self, period: Period) -> Period:
        at = start_of_day(period.charge_on, self.plan.timezone) + MORNING
        move_clock(at)
        return charge_period(period_id=period.pk, by=self.reviewer2)

    def pay_silently(self, payout: Payout, bank: str, times: int) -> None:
        """Without an answer; more than once, so late that a person is told."""
        settings.PAYMENT_GATEWAY = bank
        for number in range(times):
            if number:
                move_clock(clock.now() + FOR_A_PERSON_AFTER)
            pay(payout_id=payout.pk)
        settings.PAYMENT_GATEWAY = "allocation.gateways.DemonstrationBank"

    def panels(self) -> None:
        """A draw that is committed, and votes that are open: with ballots, one changed, one juror stepped down."""
        claimant = self.claimant()
        committed = acts.file_claim(claimant, stories.COLON)
        acts.investigate(committed, stories.COLON, self.investigator, SUPPORT)
        for story, cast in ((stories.THYROID, 4), (stories.STROKE, 1), (stories.HEART, 0)):
            claimant = self.claimant()
            claim = acts.file_claim(claimant, story)
            acts.investigate(claim, story, self.investigator, SUPPORT)
            seats = acts.draw(claim, claimant)
            acts.vote(seats[:cast], [SUPPORT, AGAINST, SUPPORT, SUPPORT][:cast], medical_flags=1)
            if cast > 1:
                self.change_ballot(seats[0])
                recuse_seat(seat_id=seats[-1].pk, reason=RecusalReason.KNOWS_SOMEBODY, by=juror_of(seats[-1]))

    def change_ballot(self, seat: Seat) -> None:
        cast_ballot(
            seat_id=seat.pk,
            choice=AGAINST,
            reason_codes=acts.REASONS[AGAINST],
            words="I have read the second paper again and changed my mind. 我改变了意见。",
            is_medical_question=False,
            replaces=1,
            by=juror_of(seat),
        )

    def opinions(self) -> None:
        """Professionals are asked about two claims; about one of them the first has answered."""
        for is_answered in (True, False):
            claimant = self.claimant()
            claim = acts.file_claim(claimant, stories.STROKE)
            acts.investigate(claim, stories.STROKE, self.investigator, SUPPORT)
            acts.judge(claim, claimant, [AGAINST] * 5 + [SUPPORT] * 2, medical_flags=4)
            request = Hearing.objects.get(claim=claim).opinion_request
            assert request is not None
            if is_answered:
                opinion = Opinion.objects.filter(request=request).order_by("pk")[0]
                answers = {question["code"]: "yes" for question in request.questions}
                give_opinion(
                    opinion_id=opinion.pk, answers=answers, reasons="Imaging and notes agree.", by=opinion.professional
                )

    def fresh_panel(self) -> None:
        """Verdict and opinion disagreed: a second, larger panel is committed and knows the opinion."""
        claimant = self.claimant()
        claim = acts.file_claim(claimant, stories.STROKE)
        acts.investigate(claim, stories.STROKE, self.investigator, SUPPORT)
        acts.judge(claim, claimant, [AGAINST] * 5 + [SUPPORT] * 2, medical_flags=4)
        request = Hearing.objects.get(claim=claim).opinion_request
        assert request is not None
        for opinion in Opinion.objects.filter(request=request).order_by("pk"):
            answers = {question["code"]: "yes" for question in request.questions}
            give_opinion(opinion_id=opinion.pk, answers=answers, reasons="The scan shows it.", by=opinion.professional)
        advance_claim(claim_id=claim.pk)

    def investigations(self) -> None:
        """Filed; taken with two duties done; on hold; signed; withdrawn."""
        acts.file_claim(self.claimant(), stories.LEUKAEMIA)
        claim = acts.file_claim(self.claimant(), stories.HEART)
        acts.do_duties(acts.take(claim, self.investigator), stories.HEART, self.investigator, most=2)
        held = acts.file_claim(self.claimant(), stories.KIDNEY)
        place_hold(claim_ref=held.ref, reason="The hospital's letter has not come.", by=self.reviewer)
        claimant = self.claimant()
        withdrawn = acts.file_claim(claimant, stories.COLON)
        withdraw_claim(claim_ref=withdrawn.ref, by=claimant.user)

    def rejected_in_wait(self) -> None:
        """A rejection inside the waiting period: its refund is still to come."""
        joined_at = clock.now() - IN_WAIT
        newcomer = register_person(
            name="Noel Wright", born_on=joined_at.date() - ADULT, sex=Sex.MALE, payer=None, by=SYSTEM
        )
        membership = join_plan(
            person=newcomer, plan=self.plan, joined_at=joined_at, health_answers=well_answers(self.plan), by=SYSTEM
        )
        claimant = Claimant(membership, open_hidden_login(newcomer))
        claim = acts.file_claim(claimant, stories.STOMACH)
        acts.investigate(claim, stories.STOMACH, self.investigator, AGAINST)
        acts.judge(claim, claimant, [AGAINST] * 7)
        acts.decide(claim, self.reviewer2)

    def asked(self) -> None:
        """In the plan whose jury judges disputed claims: one applicant is asked, one is asked and on hold, one had
        their report returned.
        """
        crafts = Plan.objects.get(code="craft-berlin")
        for what in ("asked", "held", "returned"):
            juror = self.crafts_member(crafts)
            claim = acts.file_claim(juror, stories.WRIST)
            acts.investigate(claim, stories.WRIST, self.investigator, AGAINST)
            if what == "held":
                place_hold(claim_ref=claim.ref, reason="A document is missing.", by=self.reviewer)
            if what == "returned":
                return_report(claim_ref=claim.ref, reason="Ask the second hospital as well.", by=self.reviewer)

    def crafts_member(self, plan: Plan) -> Claimant:
        claimed = Claim.objects.filter(plan=plan).values("membership")
        found = Membership.objects.filter(plan=plan, left_at=None, person__user__isnull=False)
        membership = found.exclude(pk__in=claimed).select_related("person__user").order_by("pk")[0]
        assert membership.person.user is not None
        return Claimant(membership, membership.person.user)

    def papers(self) -> None:
        """A claim that a member is writing, somebody who has moved, an end that is proposed, and an export."""
        writer = open_hidden_login(next(self.free).person)
        draft = start_draft(by=writer)
        own = Membership.objects.get(person__user=writer)
        save_step(draft_id=draft.pk, step="who", answers={"membership": own.pk}, by=writer)
        save_step(draft_id=draft.pk, step="diagnosis", answers={"icd10": "C73"}, by=writer)
        elder = Membership.objects.get(
            plan=self.plan, person=Person.objects.filter(payer__user=self.member).latest("pk")
        )
        senior = Plan.objects.get(code="xhb-senior")
        move(membership_id=elder.pk, plan=senior, health_answers=well_answers(senior), by=self.member)
        propose_dissolution(plan=self.plan, by=self.reviewer)
        publish()
        export_log(wanted=EntryFilter(kind="claim."), form="csv", by=user("auditor"))


def move_clock(at: dt.datetime) -> None:
    """Let the day come on which the act is done."""
    if at > clock.now():
        with as_owner():
            set_to(at)


def well_answers(plan: Plan) -> dict[str, bool]:
    """The health statement of somebody who may join under the latest rules."""
    version = PlanVersion.objects.filter(plan=plan, starts_at__lte=clock.now()).latest("starts_at")
    return {question.code: question.allowed_answer for question in version.rules.join.health_questions}


def user(name: str) -> User:
    return User.objects.get(email=f"{name}@demo.example")


def juror_of(seat: Seat) -> User:
    found = Juror.objects.select_related("person__user").get(pk=seat.juror_id).person.user
    assert found is not None
    return found


def public_paths() -> Iterator[str]:
    """The addresses of what the release published for everybody, permanently: tiles, plan files, draws, periods."""
    checkpoint = latest_checkpoint()
    assert checkpoint is not None
    whole, rest = divmod(checkpoint.size, TILE)
    for kind in ("0", "entries"):
        yield from (f"/log/tile/{kind}/{number:03}" for number in range(whole))
        if rest:
            yield f"/log/tile/{kind}/{whole:03}.p/{rest}"
    for version in PlanVersion.objects.select_related("plan").order_by("pk"):
        yield f"/plans/{version.plan.code}/versions/{version.label}.toml"
        yield f"/api/v1/plan-versions/{version.pk}/"
    for period in Period.objects.order_by("pk"):
        yield f"/api/v1/periods/{period.pk}/"
    for panel in Panel.objects.exclude(drawn_at=None).order_by("pk"):
        yield f"/api/v1/draws/{panel.pk}/"


def published() -> list[dict[str, Any]]:
    """What anybody gets at these addresses, digested; texts are kept whole, so that a difference can be read."""
    client, found = Client(), []
    for path in public_paths():
        answer = client.get(path, headers={"host": "localhost"})
        assert answer.status_code == 200, (path, answer.status_code)
        content = answer.getvalue()
        kind = answer["Content-Type"]
        text = None if kind == "application/octet-stream" else content.decode()
        found.append({"path": path, "type": kind, "sha256": hashlib.sha256(content).hexdigest(), "text": text})
    return found


def main(out: Path) -> None:
    """Grow, let the log sign everything, and write down what is published."""
    stage = Stage(Plan.objects.get(code="xhb"))
    for act in (
        stage.periods,
        stage.panels,
        stage.opinions,
        stage.fresh_panel,
        stage.investigations,
        stage.rejected_in_wait,
        stage.asked,
        stage.papers,
    ):
        act()
        publish()
        sys.stdout.write(f"{act.__name__}: {Entry.objects.count()} entries\n")
    (out / "published.json").write_text(json.dumps(published(), ensure_ascii=False, indent=0))
    (out / "about.json").write_text(
        json.dumps(
            {
                "made_at": Entry.objects.latest("pk").recorded_at.isoformat(),
                "entries": Entry.objects.count(),
                "checkpoints": Checkpoint.objects.count(),
                "kinds": sorted(set(Entry.objects.order_by().values_list("kind", flat=True))),
            },
            indent=2,
        )
        + "\n"
    )
