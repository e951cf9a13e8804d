"""Every address × every role: who is let in, and who is kept out. An address without a row fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.fixtures import Settings

from adjudication.models import (
    Answer,
    Claim,
    ClaimDraft,
    Decision,
    DeclaredRelation,
    Evidence,
    Investigation,
    Withdrawal,
)
from adjudication.services.relations import declare_relation
from allocation.demo.loading import load_demonstration
from allocation.models import Arrear, Payout, Period, Refund
from allocation.services.dissolutions import propose_dissolution
from audit import clock
from audit.models import Entry
from audit.services import publish
from jury.models import Opinion, Panel, Seat
from jury.selectors.panels import rules_of
from jury.services.ballots import cast_ballot
from members.models import Delivery, Dissolution, IdentityQuestion, Membership, Message, PlanDraft, PlanVersion, User
from members.services.plan_drafts import start_draft
from tests.adjudication.making import make_withdrawal
from tests.factories import make_membership, make_person, make_user
from tests.members.telling import told_to

ROLES = (
    "anonymous",
    "outsider",
    "stranger",
    "member",
    "juror",
    "investigator",
    "idle_investigator",
    "professional",
    "reviewer",
    "auditor",
)
NOBODY: frozenset[str] = frozenset()
EVERYBODY = frozenset(ROLES)
SIGNED_IN = EVERYBODY - {"anonymous"}
OWNER = frozenset({"member"})
STAFF_READING = frozenset({"reviewer", "auditor"})
INVESTIGATORS = frozenset({"investigator", "idle_investigator"})

# Addresses of libraries, which have tests of their own: sign-in, second factor, the administrator's screens.
FOREIGN = ("accounts/", "admin/", "i18n/")


@dataclass(frozen=True)
class World:
    """The demonstration's people and things, as the addresses need them."""

    users: dict[str, User | None]
    claim: Claim
    deciding: Claim
    draft: ClaimDraft
    membership: Membership
    investigation: Investigation
    evidence: Evidence
    withdrawal: Withdrawal
    seat: Seat
    opinion: Opinion
    panel: Panel
    period: Period
    payout: Payout
    refund: Refund
    version: PlanVersion
    decision: Decision
    entry: Entry
    plan_draft: PlanDraft
    dissolution: Dissolution
    message: Message
    delivery: Delivery
    relation: DeclaredRelation
    identity: IdentityQuestion


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Settings) -> World:
    settings.EMAIL_FILE_PATH = tmp_path
    (tmp_path / "one.log").write_text("To: a@test.example\nSubject: One\n\nWords\n")
    load_demonstration(members=150)
    publish()
    users = {
        role: User.objects.get(email=f"{role}@demo.example")
        for role in ("member", "juror", "investigator", "professional", "reviewer", "auditor")
    }
    stranger = make_user("stranger@test.example")
    juror = users["juror"]
    panel = Panel.objects.get(status="open", seats__juror__person__user=juror)
    seat = panel.seats.get(juror__person__user=juror)
    _cast(seat, juror)
    make_membership(panel.plan, make_person(user=stranger, name="Stranger"))
    idle = make_user("idle@test.example", "investigator")
    claim = Claim.objects.filter(membership__person__user=users["member"]).latest("pk")
    investigation = Investigation.objects.filter(investigator=users["investigator"], status="open").latest("pk")
    period = Period.objects.latest("notice_on")
    with transaction.atomic():
        message = told_to(users["member"])
    return World(
        users={
            "anonymous": None,
            "outsider": make_user("outsider@test.example"),
            "stranger": stranger,
            "idle_investigator": idle,
            **users,
        },
        claim=claim,
        deciding=Claim.objects.get(status="second_opinion"),
        draft=ClaimDraft.objects.create(user=users["member"]),
        membership=claim.membership,
        investigation=investigation,
        evidence=Evidence.objects.filter(claim=investigation.claim).earliest("pk"),
        withdrawal=make_withdrawal(investigation.claim),
        seat=seat,
        opinion=Opinion.objects.get(professional=users["professional"], given_at=None),
        panel=Panel.objects.filter(status="closed").earliest("pk"),
        period=period,
        payout=Payout.objects.earliest("pk"),
        refund=Refund.objects.get(),
        version=period.plan_version,
        decision=Decision.objects.get(claim__filed_by=users["member"]),
        entry=Entry.objects.latest("pk"),
        plan_draft=_plan_draft(period.plan_version, users["reviewer"]),
        dissolution=propose_dissolution(plan=period.plan, by=make_user("second@test.example", "reviewer")),
        message=message,
        delivery=message.deliveries.get(),
        relation=_relation_of(idle, claim),
        identity=IdentityQuestion.objects.create(
            person=make_person("Doubted"), doubts=["check_digit"], asked_at=clock.now()
        ),
    )


def _relation_of(user: User, claim: Claim) -> DeclaredRelation:
    return declare_relation(claim_ref=claim.ref, kind="friend", by=user)


def _plan_draft(version: PlanVersion, reviewer: User) -> PlanDraft:
    return start_draft(based_on=version, by=reviewer)


def _cast(seat: Seat, juror: User) -> None:
    reasons = [reason.code for reason in rules_of(seat.panel).reasons_for("approved")]
    cast_ballot(
        seat_id=seat.pk,
        choice="support",
        reason_codes=reasons[:1],
        words="",
        is_medical_question=False,
        replaces=0,
        by=juror,
    )


Row = tuple[frozenset[str], Callable[[World], dict[str, Any]]]


def _plan(world: World) -> dict[str, Any]:
    return {"plan": world.period.plan.code}


def _no_arguments(_world: World) -> dict[str, Any]:
    return {}


def _claim(world: World) -> dict[str, Any]:
    return {"ref": world.claim.ref}


def _seat(world: World) -> dict[str, Any]:
    return {"pk": world.seat.pk}


def _person(world: World) -> dict[str, Any]:
    return {"pk": world.membership.person_id}


def _identity(world: World) -> dict[str, Any]:
    return {"pk": world.identity.pk}


def _relation(world: World) -> dict[str, Any]:
    return {"pk": world.relation.pk}


def _plan_draft_of(world: World) -> dict[str, Any]:
    return {"pk": world.plan_draft.pk}


def _investigation(world: World) -> dict[str, Any]:
    return {"pk": world.investigation.pk}


def _inbox_item(world: World) -> dict[str, Any]:
    return {"where": "m", "name": str(world.message.public_id)}


def _mail(_world: World) -> dict[str, Any]:
    return {"key": "one-0"}


def _notice(_world: World) -> dict[str, Any]:
    """The notice of the answer that the demonstration awaits from an applicant."""
    asked = Answer.objects.filter(status="asked").latest("pk")
    return {"public_id": Message.objects.filter(entry_id=asked.notice_entry_id).earliest("pk").public_id}


def _share_notice(_world: World) -> dict[str, Any]:
    """The notice of the share that a member of the demonstration owes."""
    arrear = Arrear.objects.filter(status="owed").latest("pk")
    return {"public_id": Message.objects.filter(entry_id=arrear.notice_entry_id).earliest("pk").public_id}


def _inbox_key(world: World) -> dict[str, Any]:
    return {"key": f"m/{world.message.public_id}"}


def _withdrawal(world: World) -> dict[str, Any]:
    return {"pk": world.withdrawal.pk}


TABLE: dict[str, Row] = {
    "front": (EVERYBODY, _no_arguments),
    "healthz": (EVERYBODY, _no_arguments),
    "api_pages": (EVERYBODY, _no_arguments),
    "schema": (EVERYBODY, _no_arguments),
    "home": (SIGNED_IN, _no_arguments),
    "plan_list": (EVERYBODY, _no_arguments),
    "plan_detail": (EVERYBODY, lambda world: {"code": world.period.plan.code}),
    "plan_file": (EVERYBODY, lambda world: {"code": world.period.plan.code, "label": world.version.label}),
    "membership_join": (SIGNED_IN, lambda world: {"code": world.period.plan.code}),
    "membership_leave": (OWNER, lambda world: {"pk": world.membership.pk}),
    "membership_moves": (OWNER, lambda world: {"pk": world.membership.pk}),
    "membership_move": (OWNER, lambda world: {"pk": world.membership.pk, "code": "xhb-senior"}),
    "plan_differences": (EVERYBODY, lambda world: {"code": world.period.plan.code}),
    "plan_draft_list": (STAFF_READING, _no_arguments),
    "plan_draft_detail": (STAFF_READING, _plan_draft_of),
    "plan_draft_start": (frozenset({"reviewer"}), _no_arguments),
    "plan_draft_edit": (frozenset({"reviewer"}), _plan_draft_of),
    "plan_draft_propose": (frozenset({"reviewer"}), _plan_draft_of),
    "plan_draft_send_back": (frozenset({"reviewer"}), _plan_draft_of),
    "plan_draft_publish": (frozenset({"reviewer"}), _plan_draft_of),
    "plan_draft_withdraw": (frozenset({"reviewer"}), _plan_draft_of),
    "audit_log": (frozenset({"auditor"}), _no_arguments),
    "audit_entry": (frozenset({"auditor"}), lambda world: {"pk": world.entry.pk}),
    "audit_story": (frozenset({"auditor"}), _claim),
    "operations": (STAFF_READING, _no_arguments),
    "checkpoint": (EVERYBODY, _no_arguments),
    "log_checkpoint": (EVERYBODY, _no_arguments),
    "log_tile": (EVERYBODY, lambda _world: {"path": "0/000.p/1"}),
    "juror_join": (SIGNED_IN, _no_arguments),
    "vote_record": (EVERYBODY, lambda world: {"case_ref": world.panel.case_ref, "round": world.panel.round}),
    "draw_record": (EVERYBODY, lambda world: {"case_ref": world.panel.case_ref, "round": world.panel.round}),
    "claim_list": (SIGNED_IN, _no_arguments),
    "claim_new": (SIGNED_IN, _no_arguments),
    "claim_draft": (OWNER, lambda world: {"pk": world.draft.pk, "step": "check"}),
    "claim_detail": (OWNER, _claim),
    "claim_withdraw": (OWNER, _claim),
    "claim_papers": (OWNER, _claim),
    "claim_nonce": (OWNER, _claim),
    "claim_answer": (OWNER, _claim),
    "claim_facts": (OWNER, _claim),
    "claim_account": (OWNER, _claim),
    "evidence_file": (
        frozenset({"investigator", "reviewer", "auditor"}),
        lambda world: {"pk": world.evidence.pk},
    ),
    "icd10_search": (SIGNED_IN, _no_arguments),
    "worklist": (INVESTIGATORS, _no_arguments),
    "investigation_detail": (frozenset({"investigator", "reviewer", "auditor"}), _investigation),
    "investigation_take": (INVESTIGATORS, _investigation),
    "duty_edit": (
        frozenset({"investigator"}),
        lambda world: {"pk": world.investigation.pk, "kind": "interview"},
    ),
    "fact_record": (
        frozenset({"investigator"}),
        lambda world: {"pk": world.investigation.pk, "fact": "severity"},
    ),
    "report_sign": (frozenset({"investigator"}), _investigation),
    "seat_list": (frozenset({"juror"}), _no_arguments),
    "seat_detail": (frozenset({"juror"}), _seat),
    "ballot_cast": (frozenset({"juror"}), _seat),
    "seat_recuse": (frozenset({"juror"}), _seat),
    "opinion_list": (frozenset({"professional"}), _no_arguments),
    "opinion_detail": (frozenset({"professional"}), lambda world: {"pk": world.opinion.pk}),
    "opinion_recuse": (frozenset({"professional"}), lambda world: {"pk": world.opinion.pk}),
    "look_list": (SIGNED_IN, _no_arguments),
    "people_search": (STAFF_READING, _no_arguments),
    "identity_list": (STAFF_READING, _no_arguments),
    "identity_detail": (STAFF_READING, _identity),
    "api-identity-question-list": (STAFF_READING, _no_arguments),
    "api-identity-question-detail": (STAFF_READING, _identity),
    "person_detail": (STAFF_READING, _person),
    "person_unmask": (STAFF_READING, _person),
    "demo_mail_list": (EVERYBODY, _no_arguments),
    "demo_mail": (EVERYBODY, _mail),
    "demo_mail_picture": (EVERYBODY, _mail),
    "inbox": (SIGNED_IN, _no_arguments),
    "inbox_item": (OWNER, _inbox_item),
    "inbox_calendar": (OWNER, _inbox_item),
    "mail_choices": (SIGNED_IN, _no_arguments),
    "message_board": (STAFF_READING, _no_arguments),
    "unreached_list": (STAFF_READING, _no_arguments),
    "unreached_detail": (STAFF_READING, _notice),
    "debtor_list": (STAFF_READING, _no_arguments),
    "debtor_detail": (STAFF_READING, _share_notice),
    "message_of_staff": (STAFF_READING, lambda world: {"public_id": world.message.public_id}),
    "board": (STAFF_READING, _no_arguments),
    "board_claim": (STAFF_READING, _claim),
    "decision_issue": (frozenset({"reviewer"}), lambda world: {"ref": world.deciding.ref}),
    "report_return": (frozenset({"reviewer"}), lambda world: {"ref": world.deciding.ref}),
    "board_addendum": (frozenset({"reviewer"}), _claim),
    "investigation_addendum": (frozenset({"investigator"}), _investigation),
    "late_findings": (frozenset({"reviewer"}), _claim),
    "clock_list": (STAFF_READING | INVESTIGATORS, _no_arguments),
    "hold": (frozenset({"reviewer"}), _claim),
    "hold_renew": (frozenset({"reviewer"}), _claim),
    "hold_lift": (frozenset({"reviewer"}), _claim),
    "withdrawal": (frozenset({"investigator", "reviewer", "auditor"}), _withdrawal),
    "relation_list": (INVESTIGATORS | STAFF_READING, _no_arguments),
    "relation_declare": (
        frozenset({"investigator", "reviewer"}),
        lambda world: {"ref": world.investigation.claim.ref},
    ),
    "relation_withdraw": (frozenset({"idle_investigator"}), _relation),
    "relation_settle": (frozenset({"reviewer"}), _relation),
    "period_list": (EVERYBODY, _no_arguments),
    "period_detail": (EVERYBODY, lambda world: {**_plan(world), "notice_on": world.period.notice_on}),
    "statement_list": (SIGNED_IN, _no_arguments),
    "arrear_pay": (OWNER, lambda world: {"pk": world.membership.pk}),
    "arrear_board": (STAFF_READING, _no_arguments),
    "arrear_list": (STAFF_READING, _plan),
    "refund_ask": (frozenset({"reviewer"}), lambda world: {"pk": world.refund.pk}),
    "period_board": (STAFF_READING, _no_arguments),
    "period_preview": (STAFF_READING, _plan),
    "period_publish": (frozenset({"reviewer"}), _plan),
    "period_charge": (
        frozenset({"reviewer"}),
        lambda world: {**_plan(world), "notice_on": world.period.notice_on},
    ),
    "dissolution": (STAFF_READING, _plan),
    "payment_board": (STAFF_READING, _no_arguments),
    "payment_progress": (STAFF_READING, _no_arguments),
    "payment_ask": (frozenset({"reviewer"}), _no_arguments),
    "payout_ask": (frozenset({"reviewer"}), lambda world: {"pk": world.payout.pk}),
    "ledger": (STAFF_READING, _plan),
    "what_if": (STAFF_READING, _plan),
    "api-plan-list": (EVERYBODY, _no_arguments),
    "api-plan-detail": (EVERYBODY, lambda world: {"code": world.period.plan.code}),
    "api-plan-version-list": (EVERYBODY, _no_arguments),
    "api-plan-version-detail": (EVERYBODY, lambda world: {"pk": world.version.pk}),
    "api-plan-version-cover": (EVERYBODY, lambda world: {"pk": world.version.pk}),
    "api-plan-draft-list": (STAFF_READING, _no_arguments),
    "api-plan-draft-detail": (STAFF_READING, _plan_draft_of),
    "api-what-if": (STAFF_READING, _no_arguments),
    "api-person-list": (SIGNED_IN, _no_arguments),
    "api-person-family": (SIGNED_IN, _no_arguments),
    "api-person-me": (frozenset({"member", "stranger", "juror"}), _no_arguments),
    "api-person-detail": (OWNER | STAFF_READING, lambda world: {"pk": world.membership.person_id}),
    "api-membership-list": (SIGNED_IN, _no_arguments),
    "api-membership-detail": (OWNER | STAFF_READING, lambda world: {"pk": world.membership.pk}),
    "api-membership-moves": (OWNER, lambda world: {"pk": world.membership.pk}),
    "api-audit-entry-list": (frozenset({"auditor"}), _no_arguments),
    "api-audit-entry-detail": (frozenset({"auditor"}), lambda world: {"pk": world.entry.pk}),
    "api-audit-entry-proof": (frozenset({"auditor"}), lambda world: {"pk": world.entry.pk}),
    "api-operations": (STAFF_READING, _no_arguments),
    "api-vote-list": (EVERYBODY, _no_arguments),
    "api-vote-detail": (EVERYBODY, lambda world: {"pk": world.panel.pk}),
    "api-draw-list": (EVERYBODY, _no_arguments),
    "api-draw-detail": (EVERYBODY, lambda world: {"pk": world.panel.pk}),
    "api-juror-exam": (SIGNED_IN, _no_arguments),
    "api-juror-me": (SIGNED_IN, _no_arguments),
    "api-claim-list": (SIGNED_IN, _no_arguments),
    "api-claim-detail": (OWNER | STAFF_READING | {"investigator"}, _claim),
    "api-evidence-list": (SIGNED_IN, _no_arguments),
    "api-evidence-detail": (
        frozenset({"investigator", "reviewer", "auditor"}),
        lambda world: {"pk": world.evidence.pk},
    ),
    "api-evidence-file": (
        frozenset({"investigator", "reviewer", "auditor"}),
        lambda world: {"pk": world.evidence.pk},
    ),
    "api-investigation-list": (INVESTIGATORS | STAFF_READING, _no_arguments),
    "api-investigation-detail": (frozenset({"investigator", "reviewer", "auditor"}), _investigation),
    "api-hold-list": (STAFF_READING, _no_arguments),
    "api-withdrawal-list": (INVESTIGATORS | STAFF_READING, _no_arguments),
    "api-withdrawal-detail": (frozenset({"investigator", "reviewer", "auditor"}), _withdrawal),
    "api-seat-list": (frozenset({"juror"}), _no_arguments),
    "api-seat-detail": (frozenset({"juror"}), _seat),
    "api-opinion-list": (frozenset({"professional"}), _no_arguments),
    "api-opinion-detail": (frozenset({"professional"}), lambda world: {"pk": world.opinion.pk}),
    "api-relation-list": (INVESTIGATORS | STAFF_READING, _no_arguments),
    "api-relation-detail": (frozenset({"idle_investigator"}) | STAFF_READING, _relation),
    "api-decision-list": (SIGNED_IN, _no_arguments),
    "api-decision-detail": (OWNER | STAFF_READING, lambda world: {"pk": world.decision.pk}),
    "api-period-list": (EVERYBODY, _no_arguments),
    "api-period-detail": (EVERYBODY, lambda world: {"pk": world.period.pk}),
    "api-period-preview": (frozenset({"reviewer"}), _no_arguments),
    "api-statement-list": (frozenset({"member", "stranger", "juror"}), _no_arguments),
    "api-dissolution-list": (EVERYBODY, _no_arguments),
    "api-dissolution-detail": (STAFF_READING, lambda world: {"pk": world.dissolution.pk}),
    "api-arrear-list": (SIGNED_IN, _no_arguments),
    "api-arrear-totals": (STAFF_READING, _no_arguments),
    "api-refund-list": (SIGNED_IN, _no_arguments),
    "api-payment-list": (STAFF_READING, _no_arguments),
    "api-payment-service": (STAFF_READING, _no_arguments),
    "api-ledger-list": (STAFF_READING, _no_arguments),
    "api-transaction-list": (STAFF_READING, _no_arguments),
    "api-inbox-list": (SIGNED_IN, _no_arguments),
    "api-inbox-detail": (OWNER, _inbox_key),
    "api-inbox-unread": (SIGNED_IN, _no_arguments),
    "api-mail-choices": (SIGNED_IN, _no_arguments),
    "api-unreached-list": (STAFF_READING, _no_arguments),
    "api-debtor-list": (STAFF_READING, _no_arguments),
    "api-clock-list": (STAFF_READING | INVESTIGATORS, _no_arguments),
    "api-delivery-list": (STAFF_READING, _no_arguments),
    "api-delivery-detail": (STAFF_READING, lambda world: {"pk": world.delivery.pk}),
}

# Addresses that only take an act; the request is undone again.
ACTS: dict[str, Row] = {
    "audit_export": (frozenset({"auditor"}), _no_arguments),
    "api-audit-entry-export": (frozenset({"auditor"}), _no_arguments),
    "api-plan-join": (SIGNED_IN, lambda world: {"code": world.period.plan.code}),
    "api-plan-draft-save": (frozenset({"reviewer"}), _plan_draft_of),
    "api-plan-draft-propose": (frozenset({"reviewer"}), _plan_draft_of),
    "api-plan-draft-send-back": (frozenset({"reviewer"}), _plan_draft_of),
    "api-plan-draft-publish": (frozenset({"reviewer"}), _plan_draft_of),
    "api-plan-draft-withdraw": (frozenset({"reviewer"}), _plan_draft_of),
    "api-membership-leave": (OWNER, lambda world: {"pk": world.membership.pk}),
    "api-identity-question-settle": (frozenset({"reviewer"}), _identity),
    "api-person-search": (STAFF_READING, _no_arguments),
    "api-person-unmask": (STAFF_READING, _person),
    "api-membership-move": (OWNER, lambda world: {"pk": world.membership.pk}),
    "api-juror-qualify": (SIGNED_IN, _no_arguments),
    "api-claim-withdraw": (OWNER, _claim),
    "api-claim-answer": (OWNER, _claim),
    "api-claim-remark": (OWNER, _claim),
    "api-claim-account": (OWNER, _claim),
    "api-claim-late-findings": (frozenset({"reviewer"}), _claim),
    "api-claim-addendum": (frozenset({"reviewer", "investigator"}), _claim),
    "api-arrear-pay": (frozenset({"member", "stranger", "juror"}), _no_arguments),
    "api-investigation-take": (INVESTIGATORS, _investigation),
    "api-investigation-duty": (
        frozenset({"investigator"}),
        lambda world: {"pk": world.investigation.pk, "kind": "interview"},
    ),
    "api-investigation-findings": (frozenset({"investigator"}), _investigation),
    "api-investigation-sign": (frozenset({"investigator"}), _investigation),
    "api-hold-renew": (frozenset({"reviewer"}), _claim),
    "api-hold-lift": (frozenset({"reviewer"}), _claim),
    "api-withdrawal-note": (frozenset({"investigator", "reviewer"}), _withdrawal),
    "api-seat-ballot": (frozenset({"juror"}), _seat),
    "api-seat-recuse": (frozenset({"juror"}), _seat),
    "seat_dispute": (frozenset({"juror"}), _seat),
    "api-seat-dispute": (frozenset({"juror"}), _seat),
    "api-opinion-give": (frozenset({"professional"}), lambda world: {"pk": world.opinion.pk}),
    "api-opinion-recuse": (frozenset({"professional"}), lambda world: {"pk": world.opinion.pk}),
    "api-relation-declare": (INVESTIGATORS | {"reviewer"}, _no_arguments),
    "api-relation-ask": (frozenset({"idle_investigator", "reviewer"}), _relation),
    "api-relation-settle": (frozenset({"reviewer"}), _relation),
    "api-decision-issue": (frozenset({"reviewer"}), _no_arguments),
    "api-period-publish": (frozenset({"reviewer"}), _no_arguments),
    "api-payment-ask": (frozenset({"reviewer"}), _no_arguments),
    "api-period-charge": (frozenset({"reviewer"}), lambda world: {"pk": world.period.pk}),
    "inbox_read_all": (SIGNED_IN, _no_arguments),
    "api-inbox-read": (OWNER, _inbox_key),
    "api-inbox-read-all": (SIGNED_IN, _no_arguments),
    "delivery_retry": (frozenset({"reviewer"}), lambda world: {"pk": world.delivery.pk}),
    "deliveries_retry": (frozenset({"reviewer"}), _no_arguments),
    "api-unreached-attempts": (frozenset({"reviewer"}), _notice),
    "api-debtor-attempts": (frozenset({"reviewer"}), _share_notice),
    "api-delivery-retry": (frozenset({"reviewer"}), lambda world: {"pk": world.delivery.pk}),
    "api-delivery-retry-all": (frozenset({"reviewer"}), _no_arguments),
    "dissolution_propose": (frozenset({"reviewer"}), _plan),
    "dissolution_confirm": (frozenset({"reviewer"}), lambda world: {"pk": world.dissolution.pk}),
    "dissolution_withdraw": (frozenset({"reviewer"}), lambda world: {"pk": world.dissolution.pk}),
    "api-dissolution-propose": (frozenset({"reviewer"}), _no_arguments),
    "api-dissolution-confirm": (frozenset({"reviewer"}), lambda world: {"pk": world.dissolution.pk}),
    "api-dissolution-withdraw": (frozenset({"reviewer"}), lambda world: {"pk": world.dissolution.pk}),
}


def _walk(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        elif not path.startswith(FOREIGN):
            yield path, pattern.name or path


def test_every_address_has_a_row() -> None:
    names = {name for _, name in _walk(get_resolver().url_patterns)}
    assert names == {*TABLE, *ACTS}


def _is_let_in(client: Client, path: str, *, is_act: bool) -> bool:
    with transaction.atomic():
        response = client.post(path, {}, content_type="application/json") if is_act else client.get(path)
        transaction.set_rollback(True)
    assert response.status_code < 500, f"{path}: {response.status_code}"
    sent_to_log_in = response.status_code == 302 and "/accounts/login" in response["Location"]
    return not sent_to_log_in and response.status_code not in {401, 403, 404}


def _client_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend="members.sessions.LogInBackend")
    return client


@pytest.mark.parametrize(("table", "is_act"), [(TABLE, False), (ACTS, True)], ids=["reads", "acts"])
def test_who_is_let_in(world: World, table: dict[str, Row], is_act: bool) -> None:
    wrong = []
    for role, user in world.users.items():
        client = _client_of(user)
        for name, (allowed, arguments) in table.items():
            let_in = _is_let_in(client, reverse(name, kwargs=arguments(world)), is_act=is_act)
            if let_in != (role in allowed):
                wrong.append(f"{role} {'gets into' if let_in else 'is kept out of'} {name}")
    assert not wrong, "\n".join(wrong)
