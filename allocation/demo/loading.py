"""Loads a demonstration into an empty database: plans, members, log-ins, jurors, and claims in several states."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from adjudication.files import Upload
from adjudication.models import Claim
from adjudication.models.records import WithdrawalKind
from adjudication.services.addenda import Papers, release_addendum
from adjudication.services.relations import ask_withdrawal, declare_relation
from adjudication.services.withdrawals import learn_withdrawal
from allocation.demo import acts, stories
from allocation.demo.acts import AGAINST, SUPPORT, Claimant
from allocation.demo.inboxes import let_one_come_back, read_most
from allocation.models import BankRefusal, Collection, Payout
from allocation.selectors.failures import name_of
from allocation.services.failures import read_failures
from allocation.services.payments import collect, pay
from allocation.services.periods import charge_period, publish_notice
from allocation.services.refunds import open_refund, pay_refund
from audit import clock
from audit.actors import SYSTEM
from audit.clock_functions import played, set_to
from jury.services.jurors import qualify_juror
from members.demo.loading import hand_over, load_members, open_hidden_login, open_logins
from members.demo.logins import login_of
from members.demo.marker import is_demonstration, mark_as_demonstration, refuse_real_data
from members.models import Membership, Plan, Unmasking, User
from members.models.people import Sex
from members.rules.dates import local_day, start_of_day
from members.rules.plans import PlanRules, charge_on_for, code_in
from members.selectors.plans import plans, version_in_force
from members.services.memberships import join_plan
from members.services.people import register_person
from members.services.plans import Loaded, load_plan_file, load_plan_version
from members.services.unmaskings import unmask_person

PLAN = "xhb"
CRAFTS_FILE = Path("examples") / "craft-berlin-2024-01-01.toml"
"""A plan whose jury judges disputed claims only."""
CRAFTS_JURORS = 12
MEMBERS = 3000
FEWEST_MEMBERS = 200
"""The fewest with which forty jurors and every claimant have been in the plan long enough."""
JURORS = 40
SEATS = 7
_LONG_ENOUGH = dt.timedelta(days=220)
"""Joined long enough ago that the illness is after the waiting period."""
_NEW = (dt.timedelta(days=39), dt.timedelta(days=100))
"""Joined early enough to have paid a share, and late enough that the illness is inside the waiting period."""
_ELDER_JOINED = dt.timedelta(days=500)
_ELDER_AGE = dt.timedelta(days=60 * 365 + 15 + 40)
"""Sixty years with their leap days, and some weeks more."""
_DOUBTED = "310101196001010020"
"""An identity number whose check digit is wrong and whose birthday is another one: a reviewer settles it."""
_CHILDHOOD_DAYS = 18 * 365
_HOUR_OF_ACTS = dt.timedelta(hours=9)
_PAST = dt.timedelta(days=45)
"""How long ago the story begins: before the last charged notice, and before a rejection that is refunded by now."""


def load_plans() -> list[Loaded]:
    """Publish every shipped plan version; those published before stay as they are, in whatever revision."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(Path(settings.PLAN_FILES).glob("*.toml"))}
    codes = {code_in(text) for text in texts.values()}
    return [load_plan_file(source=text, filename=name, by=SYSTEM, together_with=codes) for name, text in texts.items()]


def load_demonstration(members: int = MEMBERS) -> bool:
    """Load everything in one transaction, or nothing; False if it was loaded before. Plans of a later release are not
    loaded here (`load_plans`).

    Raises NotADemonstration if the database could hold real people.
    """
    refuse_real_data()
    with transaction.atomic():
        if is_demonstration():
            return False
        stage = _play(members)
    settle_payments(short_of_money=stage.child)
    refund(stage.refused)
    read_most()
    let_one_come_back()
    return True


def _play(members: int) -> Stage:
    """Play the past on its days, in their order, by moving the clock; at the end it shows the present again."""
    now = clock.now()
    with played():
        set_to(now - _PAST)
        load_plans()
        mark_as_demonstration({"members": members, "jurors": JURORS})
        plan = plans().get(code=PLAN)
        version = version_in_force(plan, now)
        assert version is not None  # the shipped plans have begun
        stage = Stage(plan, load_members(plan, members), open_logins())
        stage.seat_jurors()
        stage.play_past(last_charged_notice(version.rules, local_day(now, plan.timezone)))
    stage.bring_elder()
    stage.play_present()
    return stage


def settle_payments(short_of_money: Membership) -> None:
    """Pay what the charged period owes: the demonstration bank answers at once. A worker would do the same later.

    One member's account is empty on that day and not after it, so that they are in grace and can pay.
    """
    empty = BankRefusal.objects.create(member=name_of(short_of_money))
    for collection in Collection.objects.exclude(status=Collection.Status.SETTLED):
        collect(collection_id=collection.pk)
        read_failures(collection_id=collection.pk)
    for payout in Payout.objects.exclude(status=Payout.Status.SETTLED):
        pay(payout_id=payout.pk)
    empty.is_refusing = False
    empty.save(update_fields=["is_refusing"])


def refund(claim: Claim) -> None:
    """The rejection has stood long enough: the membership ends, and is refunded if that is possible."""
    opened = open_refund(claim_id=claim.pk)
    assert opened is not None  # the claim was rejected for an illness inside the wait
    pay_refund(refund_id=opened.pk)


class Stage:
    """The people of one demonstration while its claims are played."""

    def __init__(self, plan: Plan, memberships: list[Membership], staff: dict[str, User]) -> None:
        self.plan = plan
        self.staff = staff
        now = clock.now()
        heads = [one for one in memberships if one.person.payer_id is None]
        grown_up_on = timezone.localdate(clock.now()) - dt.timedelta(days=_CHILDHOOD_DAYS)
        children = {one.person.payer_id: one for one in memberships if one.person.born_on > grown_up_on}
        ready = [one for one in heads if one.joined_at < clock.now() - _LONG_ENOUGH]
        # The log-in `member` shows a family: somebody who pays for a child that has been a member as long.
        self.parent = next(one for one in ready if self._has_ready_child(children.get(one.person_id)))
        self.child = children[self.parent.person_id]
        others = [one for one in ready if one.pk != self.parent.pk]
        in_wait = [one for one in heads if now - _NEW[1] < one.joined_at < now - _NEW[0]]
        self._newcomer = next(one for one in in_wait if one.pk != self.parent.pk)
        self._jurors = others[:JURORS]
        self._claimants = iter(others[JURORS:])

    def _has_ready_child(self, child: Membership | None) -> bool:
        return child is not None and child.joined_at < clock.now() - _LONG_ENOUGH

    def seat_jurors(self) -> None:
        """Give the first members who have been in the plan long enough a log-in and a juror number."""
        for membership in self._jurors:
            user = open_hidden_login(membership.person)
            qualify_juror(membership=membership, exam_passed_at=clock.now(), by=user)

    def bring_elder(self) -> None:
        """Add a person whom the log-in `member` also pays for; they are 60 and can move to the seniors' plan."""
        now = clock.now()
        joined_at = now - _ELDER_JOINED
        version = version_in_force(self.plan, joined_at)
        assert version is not None  # the plan is older than its demonstration
        elder = register_person(
            name="何秀兰",
            born_on=timezone.localdate(clock.now()) - _ELDER_AGE,
            sex=Sex.FEMALE,
            id_number=_DOUBTED,
            payer=self.parent.person,
            by=SYSTEM,
        )
        well = {question.code: question.allowed_answer for question in version.rules.join.health_questions}
        join_plan(person=elder, plan=self.plan, joined_at=joined_at, health_answers=well, by=SYSTEM)

    def play_past(self, notice_on: dt.date) -> None:
        """A rejection that has stood long enough for its refund, and one period that was charged."""
        self.refused = self._ill_in_wait()
        self._paid_period(notice_on)

    def play_present(self) -> None:
        """The claims in their states of today."""
        member = hand_over(open_hidden_login(self.parent.person), login_of("member"))
        self._before_the_jury(Claimant(self.parent, member))
        self._approved(Claimant(self.child, member), stories.LEUKAEMIA)
        self._looked_at(self.parent)
        self._known_to_a_reviewer()
        self._under_investigation()
        self._before_the_doctors()
        self._rejected()
        self._told_of_rejection(member)
        acts.propose_rules(self.plan, self.staff["reviewer2"])

    @property
    def _investigator(self) -> User:
        return self.staff["investigator"]

    def _claimant(self) -> Claimant:
        membership = next(self._claimants)
        return Claimant(membership, open_hidden_login(membership.person))

    def _approved(self, claimant: Claimant, story: stories.Story) -> None:
        claim = acts.file_claim(claimant, story)
        acts.investigate(claim, story, self._investigator, SUPPORT)
        acts.judge(claim, claimant, [SUPPORT] * SEATS)
        acts.decide(claim, self.staff["reviewer2"])

    def _paid_period(self, notice_on: dt.date) -> None:
        """Two claims in the last period whose charge day has come."""
        set_to(self._morning(notice_on - dt.timedelta(days=3)))
        for story in (stories.BREAST, stories.HEART):
            self._approved(self._claimant(), story)
        reviewer = self.staff["reviewer"]
        set_to(self._morning(notice_on))
        period = publish_notice(plan=self.plan, notice_on=notice_on, by=reviewer)
        set_to(self._morning(period.charge_on))
        charge_period(period_id=period.pk, by=reviewer)

    def _morning(self, on: dt.date) -> dt.datetime:
        return start_of_day(on, self.plan.timezone) + _HOUR_OF_ACTS

    def _before_the_jury(self, claimant: Claimant) -> None:
        """An open panel: one ballot is cast, something is found since, and the log-in `juror` holds a seat without a
        ballot.
        """
        claim = acts.file_claim(claimant, stories.THYROID)
        acts.investigate(claim, stories.THYROID, self._investigator, SUPPORT)
        seats = acts.draw(claim, claimant)
        acts.vote(seats[:1], [SUPPORT])
        acts.find(claim.investigations.get(), [stories.LATE], self._investigator)
        slip = Upload(stories.ADDENDUM_PAPER.encode(), "reimbursement-without-names.txt")
        papers = Papers(uploads=[slip], duty=stories.LATE.duty, are_masked=True)
        release_addendum(claim_ref=claim.ref, text=stories.ADDENDUM, papers=papers, by=self._investigator)
        juror = seats[-1].juror.person.user
        assert juror is not None  # every juror of the demonstration has a log-in
        hand_over(juror, login_of("juror"))

    def _known_to_a_reviewer(self) -> None:
        """Filed and not taken; the second reviewer declares a friend of theirs, and then asks to take it back."""
        claim = acts.file_claim(self._claimant(), stories.COLON)
        relation = declare_relation(claim_ref=claim.ref, kind="friend", by=self.staff["reviewer2"])
        reason = "It was another person with the same name."
        ask_withdrawal(relation_id=relation.pk, reason=reason, by=self.staff["reviewer2"])

    def _looked_at(self, membership: Membership) -> None:
        """The second reviewer has read the member's data, which the member can see; for the first they are masked."""
        unmask_person(
            person_id=membership.person_id,
            reason=Unmasking.Reason.CONTACT,
            words="The hospital asks which telephone number is the right one.",
            by=self.staff["reviewer2"],
        )

    def _under_investigation(self) -> None:
        """Taken by the investigator, two duties done, a milder form found; the hospital has withdrawn its record."""
        story = stories.EARLY_BREAST
        claim = acts.file_claim(self._claimant(), story)
        investigation = acts.take(claim, self._investigator)
        acts.do_duties(investigation, story, self._investigator, most=2)
        acts.find(investigation, story.facts, self._investigator)
        learn_withdrawal(
            claim=claim,
            plan=self.plan,
            kind=WithdrawalKind.UNCONFIRMED,
            server="https://qinghe-hospital.example/fhir",
            resource="Condition/breast-1",
            version="2",
            stated_at=clock.now(),
            told="no longer confirmed",
            by=SYSTEM,
        )

    def _before_the_doctors(self) -> None:
        """The verdict opposes the report, so the professionals are asked."""
        claimant = self._claimant()
        claim = acts.file_claim(claimant, stories.STROKE)
        acts.investigate(claim, stories.STROKE, self._investigator, SUPPORT)
        acts.judge(claim, claimant, [AGAINST] * 5 + [SUPPORT] * 2, medical_flags=4)

    def _rejected(self) -> None:
        """Report and verdict agree that a clause of the definition is not met."""
        claimant = self._claimant()
        claim = acts.file_claim(claimant, stories.KIDNEY)
        acts.investigate(claim, stories.KIDNEY, self._investigator, AGAINST)
        acts.judge(claim, claimant, [AGAINST] * SEATS)
        acts.decide(claim, self.staff["reviewer2"])

    def _told_of_rejection(self, member: User) -> None:
        """In a plan of another kind the report is against the log-in `member`, who may ask for the jury."""
        path = Path(settings.PLAN_FILES) / CRAFTS_FILE
        version = load_plan_version(source=path.read_text(encoding="utf-8"), filename=path.name, by=SYSTEM)
        joined_at = clock.now() - _LONG_ENOUGH
        for juror in self._jurors[:CRAFTS_JURORS]:
            membership = join_plan(
                person=juror.person, plan=version.plan, joined_at=joined_at, health_answers={}, by=SYSTEM
            )
            qualify_juror(membership=membership, exam_passed_at=clock.now(), by=SYSTEM)
        mine = join_plan(
            person=self.parent.person, plan=version.plan, joined_at=joined_at, health_answers={}, by=SYSTEM
        )
        claim = acts.file_claim(Claimant(mine, member), stories.WRIST)
        acts.investigate(claim, stories.WRIST, self._investigator, AGAINST)

    def _ill_in_wait(self) -> Claim:
        """Everyone agrees on the illness, and that it was first diagnosed inside the waiting period."""
        claimant = Claimant(self._newcomer, open_hidden_login(self._newcomer.person))
        claim = acts.file_claim(claimant, stories.STOMACH)
        acts.investigate(claim, stories.STOMACH, self._investigator, AGAINST)
        acts.judge(claim, claimant, [AGAINST] * SEATS)
        acts.decide(claim, self.staff["reviewer2"])
        return claim


def last_charged_notice(rules: PlanRules, today: dt.date) -> dt.date:
    """The latest notice day whose charge day has come."""
    on = today
    while on.day not in rules.calendar.notice_days or charge_on_for(rules, on) > today:
        on -= dt.timedelta(days=1)
    return on
