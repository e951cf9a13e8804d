"""Drafts of plan versions: begun, written, proposed by one reviewer, published by another."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.services import append
from members.access import is_reviewer
from members.errors import PlanIsAnother, PlanVersionPublished
from members.models import Plan, PlanDraft, PlanVersion, User
from members.plan_draft_errors import (
    DraftChanged,
    DraftClosed,
    DraftEmpty,
    DraftNotBeingWritten,
    DraftNotProposed,
    DraftTooLong,
    NotAReviewer,
    OwnProposal,
    StartsInThePast,
)
from members.rules.plans import PlanRules, code_in, parse_plan
from members.services.plans import load_plan_version

LONGEST_SOURCE = 400_000
"""Characters; the longest plan shipped has a tenth of that."""
LONGEST_REMARK = 400


@transaction.atomic
def start_draft(*, by: User, based_on: PlanVersion | None = None, source: str | None = None) -> PlanDraft:
    """Begin a draft from a published version, or from a text of whatever worth. Raises DraftEmpty, DraftTooLong."""
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

    Raises DraftNotBeingWritten, DraftChanged (somebody else saved in between), DraftEmpty, DraftTooLong.
    """
    _require_reviewer(by)
    draft = _locked(draft_id)
    if draft.status != PlanDraft.Status.DRAFTING:
        raise DraftNotBeingWritten(draft)
    _require_seen(draft, revision)
    text = _checked(source)
    if text == draft.source:
        return draft
    draft.source, draft.plan_code = text, code_in(text)
    draft.revision += 1
    draft.save()
    append(kind="plan_draft.saved", stream=draft.stream, by=by, body=_text_facts(draft))
    return draft


@transaction.atomic
def propose_draft(*, draft_id: int, revision: int, by: User) -> PlanDraft:
    """Propose the text as it stands for publication by another reviewer.

    Raises DraftNotBeingWritten, DraftChanged, PlanFileInvalid, PlanVersionPublished, PlanIsAnother, StartsInThePast.
    """
    _require_reviewer(by)
    draft = _locked(draft_id)
    if draft.status != PlanDraft.Status.DRAFTING:
        raise DraftNotBeingWritten(draft)
    _require_seen(draft, revision)
    rules = parse_plan(draft.source, draft.filename)
    _require_publishable(rules)
    draft.proposed_by, draft.proposed_at, draft.remark = by, timezone.now(), ""
    draft.propose()
    draft.save()
    append(kind="plan_draft.proposed", stream=draft.stream, by=by, body=_rules_facts(draft, rules))
    return draft


@transaction.atomic
def send_back_draft(*, draft_id: int, remark: str, by: User) -> PlanDraft:
    """Open a proposed text again, with a word about what should change. Raises DraftNotProposed."""
    _require_reviewer(by)
    draft = _locked(draft_id)
    if draft.status != PlanDraft.Status.PROPOSED:
        raise DraftNotProposed(draft)
    draft.proposed_by, draft.proposed_at = None, None
    draft.remark = remark.strip()[:LONGEST_REMARK]
    draft.send_back()
    draft.save()
    append(kind="plan_draft.sent_back", stream=draft.stream, by=by, body={"revision": draft.revision})
    return draft


@transaction.atomic
def publish_draft(*, draft_id: int, revision: int, by: User) -> PlanVersion:
    """Publish a proposed draft as a version of its plan: the act of a reviewer other than its proposer.

    Raises DraftNotProposed, DraftChanged, OwnProposal, PlanVersionPublished, PlanIsAnother, StartsInThePast.
    """
    _require_reviewer(by)
    draft = _locked(draft_id)
    if draft.status != PlanDraft.Status.PROPOSED:
        raise DraftNotProposed(draft)
    _require_seen(draft, revision)
    if draft.proposed_by_id == by.pk:
        raise OwnProposal(draft)
    rules = parse_plan(draft.source, draft.filename)
    # Locked before the look at its versions: the same version may come from another draft, or from a file.
    Plan.objects.select_for_update().filter(code=rules.code).first()
    _require_publishable(rules)
    version = load_plan_version(source=draft.source, filename=draft.filename, by=by)
    draft.confirmed_by, draft.confirmed_at, draft.version = by, timezone.now(), version
    draft.publish()
    draft.save()
    append(
        kind="plan_draft.published",
        stream=draft.stream,
        by=by,
        body=_rules_facts(draft, rules) | {"proposed_by": f"user:{draft.proposed_by_id}"},
    )
    return version


@transaction.atomic
def withdraw_draft(*, draft_id: int, by: User) -> PlanDraft:
    """Give a draft up; its text stays on record. Raises DraftClosed."""
    _require_reviewer(by)
    draft = _locked(draft_id)
    if draft.status not in {PlanDraft.Status.DRAFTING, PlanDraft.Status.PROPOSED}:
        raise DraftClosed(draft)
    draft.withdraw()
    draft.save()
    append(kind="plan_draft.withdrawn", stream=draft.stream, by=by, body={"revision": draft.revision})
    return draft


def _locked(draft_id: int) -> PlanDraft:
    return PlanDraft.objects.select_for_update().get(pk=draft_id)


def _require_reviewer(by: User) -> None:
    if not is_reviewer(by):
        raise NotAReviewer


def _require_seen(draft: PlanDraft, revision: int) -> None:
    if draft.revision != revision:
        raise DraftChanged(draft)


def _checked(source: str) -> str:
    text = source.replace("\r\n", "\n")
    if not text.strip():
        raise DraftEmpty
    # PostgreSQL keeps no NUL, and no plan file has one.
    text = text.replace("\x00", "")
    if len(text) > LONGEST_SOURCE:
        raise DraftTooLong(LONGEST_SOURCE)
    return text


def _require_publishable(rules: PlanRules) -> None:
    """What the file alone cannot tell: a version that stands already, another currency, a start that has passed."""
    plan = Plan.objects.filter(code=rules.code).first()
    if plan is None:
        return
    for key in ("currency", "currency_exponent", "timezone"):
        if getattr(plan, key) != getattr(rules, key):
            raise PlanIsAnother(plan.code, key)
    versions = plan.versions.values_list("label", "starts_at")
    if any(label == rules.version or starts_at == rules.starts_at for label, starts_at in versions):
        raise PlanVersionPublished(rules.code, rules.version)
    if versions and rules.starts_at <= timezone.now() and not settings.IS_DEMO:
        raise StartsInThePast(rules)


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
