"""Diagnoses for people to choose from: ICD-10 codes found, with what the member's plan says of each."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.codes import icd10
from members.models import Membership
from members.rules.icd10_ranges import normalised
from members.rules.plans import PlanRules, condition_for
from members.selectors.plans import version_in_force
from pages.moments import page_now

MOST_FOUND = 20


def rules_today(membership: Membership | None) -> PlanRules | None:
    """The rules that a member's plan has now."""
    version = version_in_force(membership.plan, page_now()) if membership else None
    return version.rules if version else None


def diagnosis_label(code: str, rules: PlanRules | None) -> str:
    """A code with its title and, where the plan is known, whether the plan's list includes it."""
    title = f"{code} – {icd10.title(code, get_language())}"
    if rules is None:
        return title
    condition = condition_for(rules, code)
    if condition is None:
        return _("%(title)s (not in the plan's list of conditions)") % {"title": title}
    named = condition.title.in_language(get_language())
    return _("%(title)s (in the plan's list: %(condition)s)") % {"title": title, "condition": named}


def found_diagnoses(query: str, rules: PlanRules | None, chosen: str = "") -> list[tuple[str, str]]:
    """The results of a search, as (code, label); a code already chosen stays on top."""
    codes = [one.code for one in icd10.search(query, MOST_FOUND, get_language())]
    if chosen and icd10.exists(chosen) and chosen not in codes:
        codes.insert(0, chosen)
    return [(code, _found_label(code, rules, query)) for code in codes]


def code_as_searched(query: str, code: str) -> str:
    """What was typed, if it is a national edition's code for the code that was chosen; otherwise nothing."""
    found = icd10.known(query)
    return query.strip() if found is not None and found.code == code != normalised(query) else ""


def _found_label(code: str, rules: PlanRules | None, query: str) -> str:
    label = diagnosis_label(code, rules)
    typed = code_as_searched(query, code)
    return _("%(label)s – for %(typed)s") % {"label": label, "typed": typed} if typed else label
