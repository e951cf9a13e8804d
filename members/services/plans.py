"""Publishing plan versions."""

from __future__ import annotations

from django.db import transaction

from audit.actors import Actor
from audit.services import append
from members.errors import PlanIsAnother, PlanVersionPublished
from members.models import Plan, PlanVersion
from members.rules.plans import PlanRules, parse_plan


@transaction.atomic
def load_plan_version(*, source: str, filename: str, by: Actor) -> PlanVersion:
    """Publish the version that a plan file describes; the same rules again give the version published before.

    Raises PlanFileInvalid, PlanVersionPublished (same start or name with other rules), PlanIsAnother.
    """
    rules = parse_plan(source, filename)
    plan = _plan_for(rules, by)
    for published in plan.versions.all():
        if published.starts_at == rules.starts_at or published.label == rules.version:
            if published.digest == rules.digest:
                return published
            raise PlanVersionPublished(rules.code, rules.version)
    version = PlanVersion.objects.create(
        plan=plan, label=rules.version, starts_at=rules.starts_at, source=rules.source, digest=rules.digest
    )
    append(
        kind="plan_version.published",
        stream=f"plan:{plan.code}",
        by=by,
        body={"version": version.label, "starts_at": rules.starts_at.isoformat(), "digest": version.digest},
    )
    return version


def _plan_for(rules: PlanRules, by: Actor) -> Plan:
    """The plan of the rules, locked, so that two files of one plan are loaded one after the other."""
    plan, is_new = Plan.objects.get_or_create(
        code=rules.code,
        defaults={
            "title_en": rules.title.en,
            "title_zh": rules.title.zh,
            "currency": rules.currency,
            "currency_exponent": rules.currency_exponent,
            "timezone": rules.timezone,
        },
    )
    if is_new:
        append(kind="plan.opened", stream=f"plan:{plan.code}", by=by, body={"currency": plan.currency})
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    for key in ("currency", "currency_exponent", "timezone"):
        if getattr(plan, key) != getattr(rules, key):
            raise PlanIsAnother(plan.code, key)
    return plan
