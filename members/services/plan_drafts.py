"""Drafts of plan versions: begun, written, proposed by one reviewer, published by another."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import transaction

from audit import clock
from audit.services import append
from members.access import is_reviewer
from members.errors.plan_drafts import DraftChanged, DraftEmpty, DraftTooLong
from members.errors.plans import PlanIsAnother, PlanVersionPublished, StartsInThePast
from members.errors.roles import OwnProposal, ReviewersOnly
from members.models import Plan, PlanDraft, PlanVersion, User
from members.models.users import Role
from members.rules.plans import PlanRules, code_in, parse_plan
from members.selectors.plan_drafts import not_being_written, not_proposed
from members.selectors.users import holders_of
from members.services.messages import tell, tell_each
from members.services.plans import check_senior_plan, load_plan_version

LONGEST_SOURCE = 400_000
"""Characters; the longest plan shipped has a tenth of that."""
LONGEST_REMARK = 400


@transaction.atomic
def start_draft(*, by: User, based_on: PlanVersion | None = None, source: str | None = None) -> PlanDraft:
    """Begin a draft from a published version, or from any text, valid or not. Raises DraftEmpty, DraftTooLong."""
    _require_reviewer(by)
    if source is None:
        source = based_on.source if based_on else ""
    text = _checked(source)
    draft = PlanDraft.objects.create(plan_code=code_in(text), source=text, based_on=based_on, created_by=by)
    body = _text_facts(draft) | {"based_on": based_on.label if based_on else None}
    append(kind="plan_draft.started", stream=draft.stream, by=by, body=body)
    return draft


@transaction.atomic
def save_draft(*, draft_id: int, source: str, revision: int, by: User) -> PlanDraft:
    """Keep the text as typed, right or wrong; `revision` is the one that was changed.

    Raises DraftProposed, DraftClosed, DraftChanged (somebody else saved in between), DraftEmpty, DraftTooLong.
    """
    _require_reviewer(by)
    draft = _locked(draft_id)
    if draft.status != PlanDraft.Status.DRAFTING:
        raise not_being_written(draft)
    _require_seen(draft, revision)
    text = _checked(source)
    if text == draft.source:
        return draft
    draft.source, draft.plan_code = text, code_in(text)
    draft.revision += 1
    draft.saved_at = clock.now()
    draft.save(update_fields=["source", "plan_code", "revision", "saved_at"])
    append(kind="plan_draft.saved", stream=draft.stream, by=by, body=_text_facts(draft))
    return draft


@transaction.atomic
def propose_draft(*, draft_id: int, revision: int, by: User) -> PlanDraft:
    """Propose the current text for publication by another reviewer.

    Raises DraftProposed, DraftClosed, DraftChanged, PlanFileInvalid, PlanVersionPublished, PlanIsAnother,
    StartsInThePast, SeniorPlanUnknown.
    """
    _require_reviewer(by)
    draft = _locked(draft_id)
    if draft.status != PlanDraft.Status.DRAFTING:
        raise not_being_written(draft)
    _require_seen(draft, revision)
    rules = parse_plan(draft.source, draft.filename)
    _require_publishable(rules)
    draft.proposed_by, draft.proposed_at, draft.remark = by, clock.now(), ""
    draft.propose()
    draft.saved_at = clock.now()
    draft.save(update_fields=["status", "proposed_by", "proposed_at", "remark", "saved_at"])
    entry = append(kind="plan_draft.proposed", stream=draft.stream, by=by, body=_rules_facts(draft, rules))
    others = holders_of(Role.REVIEWER).exclude(pk=by.pk)
    tell_each("members.draft_to_confirm", to=others, entry=entry, draft=draft.pk, plan=rules.code)
    return draft


@transaction.atomic
def send_back_draft(*, draft_id: int, remark: str, by: User) -> PlanDraft:
    """Open a proposed text again, with a word about what should change. Raises DraftNotProposed."""
    _require_reviewer(by)
    draft = _locked(draft_id)
    if draft.status != PlanDraft.Status.PROPOSED:
        raise not_proposed(draft)
    proposer = draft.proposed_by
    draft.proposed_by, draft.proposed_at = None, None
    draft.remark = remark.strip()[:LONGEST_REMARK]
    draft.send_back()
    draft.saved_at = clock.now()
    draft.save(update_fields=["status", "proposed_by", "proposed_at", "remark", "saved_at"])
    entry = append(kind="plan_draft.sent_back", stream=draft.stream, by=by, body={"revision": draft.revision})
    if proposer is not None and proposer != by:
        tell("members.draft_sent_back", to=proposer, entry=entry, draft=draft.pk, plan=draft.plan_code)
    return draft


@transaction.atomic
def publish_draft(*, draft_id: int, revision: int, by: User) -> PlanVersion:
    """Publish a proposed draft as a version of its plan: the act of a reviewer other than its proposer.

    Raises DraftNotProposed, DraftChanged, OwnProposal, PlanVersionPublished, PlanIsAnother, StartsInThePast,
    SeniorPlanUnknown.
    """
    _require_reviewer(by)
    draft = _locked(draft_id)
    if draft.status != PlanDraft.Status.PROPOSED:
        raise not_proposed(draft)
    _require_seen(draft, revision)
    # Two people are needed for a version: the proposer may not confirm their own text.
    if draft.proposed_by_id == by.pk:
        raise OwnProposal
    rules = parse_plan(draft.source, draft.filename)
    # Locked before its versions are read: another draft, or a file, may publish the same version at the same time.
    Plan.objects.select_for_update().filter(code=rules.code).first()
    _require_publishable(rules)
    version = load_plan_version(source=draft.source, filename=draft.filename, by=by)
    draft.confirmed_by, draft.confirmed_at, draft.version = by, clock.now(), version
    draft.publish()
    draft.saved_at = clock.now()
    draft.save(update_fields=["status", "confirmed_by", "confirmed_at", "version", "saved_at"])
    body = _rules_facts(draft, rules) | {"proposed_by": f"user:{draft.proposed_by_id}"}
    entry = append(kind="plan_draft.published", stream=draft.stream, by=by, body=body)
    if draft.proposed_by is not None:
        tell("members.draft_published", to=draft.proposed_by, entry=entry, draft=draft.pk, plan=rules.code)
    tell("members.draft_published_by_you", to=by, entry=entry, draft=draft.pk, plan=rules.code)
    return version


@transaction.atomic
def withdraw_draft(*, draft_id: int, by: User) -> PlanDraft:
    """Withdraw a draft; its text stays on record. Raises DraftClosed."""
    _require_reviewer(by)
    draft = _locked(draft_id)
    if draft.status not in {PlanDraft.Status.DRAFTING, PlanDraft.Status.PROPOSED}:
        raise not_being_written(draft)
    concerned = {draft.created_by, draft.proposed_by} - {by, None}
    draft.withdraw()
    draft.saved_at = clock.now()
    draft.save(update_fields=["status", "saved_at"])
    entry = append(kind="plan_draft.withdrawn", stream=draft.stream, by=by, body={"revision": draft.revision})
    to = [one for one in concerned if one is not None]
    tell_each("members.draft_withdrawn", to=to, entry=entry, draft=draft.pk)
    return draft


def _locked(draft_id: int) -> PlanDraft:
    return PlanDraft.objects.select_for_update().get(pk=draft_id)


def _require_reviewer(by: User) -> None:
    if not is_reviewer(by):
        raise ReviewersOnly


def _require_seen(draft: PlanDraft, revision: int) -> None:
    if draft.revision != revision:
        raise DraftChanged(number=draft.pk)


def _checked(source: str) -> str:
    text = source.replace("\r\n", "\n")
    if not text.strip():
        raise DraftEmpty
    # PostgreSQL keeps no NUL, and no plan file has one.
    text = text.replace("\x00", "")
    if len(text) > LONGEST_SOURCE:
        raise DraftTooLong(most=LONGEST_SOURCE)
    return text


def _require_publishable(rules: PlanRules) -> None:
    """What the file alone cannot tell: a version that exists already, another currency, a start that has passed, a plan
    for seniors that does not exist.
    """
    check_senior_plan(rules)
    plan = Plan.objects.filter(code=rules.code).first()
    if plan is None:
        return
    for key in ("currency", "currency_exponent", "timezone"):
        if getattr(plan, key) != getattr(rules, key):
            raise PlanIsAnother(plan=plan.code, key=key)
    versions = plan.versions.values_list("label", "starts_at")
    if any(label == rules.version or starts_at == rules.starts_at for label, starts_at in versions):
        raise PlanVersionPublished(plan=rules.code, version=rules.version)
    if versions and rules.starts_at <= clock.now() and not settings.IS_DEMO:
        raise StartsInThePast(version=rules.version, plan=rules.code, at=rules.starts_at)


def _text_facts(draft: PlanDraft) -> dict[str, object]:
    """What the log keeps of a text: which revision, and its digest."""
    digest = hashlib.sha256(draft.source.encode()).hexdigest()
    return {"plan": draft.plan_code, "revision": draft.revision, "text_sha256": digest}


def _rules_facts(draft: PlanDraft, rules: PlanRules) -> dict[str, object]:
    return {
        "plan": rules.code,
        "version": rules.version,
        "starts_at": rules.starts_at.isoformat(),
        "revision": draft.revision,
        "digest": rules.digest,
    }
