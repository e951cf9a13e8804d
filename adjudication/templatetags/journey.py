"""The six steps of a claim, for the public page and the claim's own page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

# The six steps of a claim: (statuses, name, one sentence).
JOURNEY: list[tuple[frozenset[str], str | Promise, str | Promise]] = [
    (
        frozenset({"draft", "submitted"}),
        _("A member files a claim"),
        _("Who is ill, since when, and the papers. The published rules are checked at once, clause by clause."),
    ),
    (
        frozenset({"under_investigation", "investigated"}),
        _("An investigator looks into it"),
        _("They talk to the member, visit the hospitals, check insurers, and sign a report."),
    ),
    (
        frozenset({"jury_review"}),
        _("A jury of members judges"),
        _("Drawn by lot, in a way that anyone can check. All see the same file, without names; each votes in secret."),
    ),
    (
        frozenset({"second_opinion"}),
        _("Doctors answer the medical questions"),
        _("Only where the rules call for it: a narrow vote, a medical doubt, or a verdict against the report."),
    ),
    (
        frozenset({"approved", "rejected"}),
        _("The decision is issued"),
        _("With its reasons. The amount follows from the rules that were in force at first diagnosis."),
    ),
    (
        frozenset({"paid"}),
        _("It is published, shared and paid"),
        _("Everyone can read it first. Then the cost is shared, to the last cent, and the aid is paid."),
    ),
]


@register.simple_tag
def journey_steps(status: Any = "") -> list[dict[str, Any]]:
    """The six steps of a claim; with a status, also which are done and which is the current one."""
    value = str(getattr(status, "value", status) or "")
    here = next((number for number, (statuses, *_rest) in enumerate(JOURNEY) if value in statuses), None)
    steps = []
    for number, (_statuses, label, text) in enumerate(JOURNEY):
        state = "" if here is None else "done" if number < here else "now" if number == here else "next"
        steps.append({"label": label, "text": text, "state": state})
    return steps
