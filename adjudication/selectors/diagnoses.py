"""Diagnoses for people to choose from: ICD-10 codes found, with what the member's plan says of each."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.codes import icd10
from members.models import Membership
from members.rules.plans import PlanRules, condition_for
from members.selectors.plans import version_in_force

MOST_FOUND = 20


def rules_today(membership: Membership | None) -> PlanRules | None:
    """The rules that a member's plan has now."""
    version = version_in_force(membership.plan, timezone.now()) if membership else None
    return version.rules if version else None


def diagnosis_label(code: str, rules: PlanRules | None) -> str:
    """A code with its title and, where the plan is known, whether it stands in its list."""
    title = f"{code} – {icd10.title(code, get_language())}"
    if rules is None:
        return title
    condition = condition_for(rules, code)
    if condition is None:
        return _("%(title)s (not in the plan's list of conditions)") % {"title": title}
    named = condition.title.in_language(get_language())
    return _("%(title)s (in the plan's list: %(condition)s)") % {"title": title, "condition": named}


def found_diagnoses(query: str, rules: PlanRules | None, chosen: str = "") -> list[tuple[str, str]]:
    """What a search finds, as (code, label); a code already chosen stays on top."""
    codes = [one.code for one in icd10.search(query, MOST_FOUND, get_language())]
    if chosen and icd10.exists(chosen) and chosen not in codes:
        codes.insert(0, chosen)
    return [(code, diagnosis_label(code, rules)) for code in codes]
