"""Drafts of plan versions, for reviewers and auditors: which there are, what is wrong with one, what it changes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members.access import AnyUser, is_auditor, is_reviewer
from members.errors.plan_drafts import DraftClosed, DraftNotProposed, DraftProposed
from members.errors.plans import PlanFileInvalid
from members.models import Plan, PlanDraft, PlanVersion
from members.rules.differences import Difference, differences
from members.rules.plans import PlanRules, parse_plan
from members.rules.toml_lines import key_lines, line_of
from members.selectors.plans import is_plan_known, plans, version_in_force, versions_of


@dataclass(frozen=True)
class DraftReading:
    """What a draft says: its rules, or all that is wrong; and how they differ from the version that they follow."""

    draft: PlanDraft
    rules: PlanRules | None
    problems: tuple[PlanFileInvalid, ...]
    plan: Plan | None
    """The plan whose next version this would be; None for a new plan, and while its code cannot be read."""
    compared_with: PlanVersion | None
    differences: tuple[Difference, ...]


def drafts_visible_to(user: AnyUser) -> QuerySet[PlanDraft]:
    """All drafts for reviewers and auditors, newest first; none for anybody else."""
    if not (is_reviewer(user) or is_auditor(user)):
        return PlanDraft.objects.none()
    people = ("created_by", "proposed_by", "confirmed_by")
    found = PlanDraft.objects.select_related(*people, "based_on__plan", "version__plan")
    return found.defer("based_on__source", "version__source").order_by("-pk")


def drafts_to_confirm(user: AnyUser) -> QuerySet[PlanDraft]:
    """The proposed drafts that wait for this reviewer, oldest first: those that somebody else proposed."""
    if not is_reviewer(user):
        return PlanDraft.objects.none()
    waiting = drafts_visible_to(user).filter(status=PlanDraft.Status.PROPOSED)
    return waiting.exclude(proposed_by=user.pk).defer("source").order_by("proposed_at")


def drafts_sent_back(user: AnyUser) -> QuerySet[PlanDraft]:
    """The drafts that this reviewer proposed and somebody else sent back to be changed, oldest first."""
    if not is_reviewer(user):
        return PlanDraft.objects.none()
    being_written = drafts_visible_to(user).filter(status=PlanDraft.Status.DRAFTING, created_by=user.pk)
    return being_written.exclude(remark="").defer("source").order_by("saved_at", "pk")


def reading_of(draft: PlanDraft) -> DraftReading:
    """The draft read as a plan file, and compared with the version in force when it would start."""
    plan = plans().filter(code=draft.plan_code).first() if draft.plan_code else None
    try:
        rules = parse_plan(draft.source, draft.filename)
    except PlanFileInvalid as error:
        return DraftReading(draft, None, error.problems, plan, None, ())
    senior = rules.past_age.senior_plan
    if senior is not None and not is_plan_known(senior):
        return DraftReading(draft, None, (_unknown_plan(draft, senior),), plan, None, ())
    before = _followed(draft, plan, rules)
    found = differences(before.rules, rules) if before else ()
    return DraftReading(draft, rules, (), plan, before, found)


def _unknown_plan(draft: PlanDraft, senior: str) -> PlanFileInvalid:
    """The problem of a draft that names a plan for seniors which does not exist, at its line."""
    key = "past_age.senior_plan"
    return PlanFileInvalid(
        file=draft.filename,
        key=key,
        problem=_("“%(plan)s” is no plan here") % {"plan": senior},
        allowed=_("the code of a plan that is published, or “none”"),
        line=line_of(key_lines(draft.source), key),
    )


def not_being_written(draft: PlanDraft) -> DraftProposed | DraftClosed:
    """Why the text of a draft that is proposed, published or withdrawn cannot change."""
    status = PlanDraft.Status(draft.status)
    if status == PlanDraft.Status.PROPOSED:
        return DraftProposed(number=draft.pk)
    return DraftClosed(number=draft.pk, status=status)


def not_proposed(draft: PlanDraft) -> DraftNotProposed:
    """Why a draft that is not proposed can be neither published nor sent back."""
    return DraftNotProposed(number=draft.pk, status=PlanDraft.Status(draft.status))


def _followed(draft: PlanDraft, plan: Plan | None, rules: PlanRules) -> PlanVersion | None:
    """What the draft is compared with: once published, what came before it; a new plan, with what it was drawn from."""
    if plan is None:
        return draft.based_on
    if draft.version is not None:
        return versions_of(plan).filter(starts_at__lt=draft.version.starts_at).first()
    return version_in_force(plan, rules.starts_at) or draft.based_on
