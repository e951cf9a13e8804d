"""Words for the codes of a plan version (rates, triggers, policies, outcomes), and texts in both languages."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from members.rules.difference_words import WORDS as DIFFERENCE_WORDS
from members.rules.eligibility_types import clause_title
from members.rules.plans import Text

register = template.Library()

WORDS: dict[str, str | Promise] = {
    "upgrade": _("upgrade"),
    "transfer": _("transfer"),
    "mild": _("mild"),
    "severe": _("severe"),
    "all": _("every claim goes before a jury"),
    "disputed": _("a jury where the applicant disputes the investigator's report"),
    "drawn": _("drawn by lot"),
    "open": _("open to every qualified juror"),
    "always": _("always"),
    "opposes_investigator": _("the verdict opposes the investigator"),
    "thin_margin": _("the margin is thin"),
    "hung": _("no majority"),
    "medical_flags": _("enough jurors call it a medical question"),
    "aid_above": _("the aid is above a limit"),
}


@register.filter
def in_words(code: str) -> str:
    """The words for a code of a plan file: those of a sentence, or else those of a difference."""
    if code in WORDS or code not in DIFFERENCE_WORDS:
        return str(WORDS.get(code, code))
    return DIFFERENCE_WORDS[code].in_language(get_language())


@register.filter
def clause_word(clause: str) -> str:
    """A clause's name for people."""
    return clause_title(clause).in_language(get_language())


@register.filter
def percent(basis_points: int) -> str:
    """A rate in basis points as a percentage: 800 is 8 %, 825 is 8.25 %."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "\xa0%"


@register.simple_tag
def both_languages(text: Text) -> SafeString:
    """A text of the rules in the page's language, and below it in the other, marked as such for screen readers."""
    is_chinese = (get_language() or "").lower().startswith("zh")
    own, other, other_code = (text.zh, text.en, "en") if is_chinese else (text.en, text.zh, "zh-Hans")
    return format_html('{}<br><span class="muted small" lang="{}">{}</span>', own, other_code, other)


@register.filter
def cell(row: dict[str, Any], column: str) -> Any:
    """What a row of the decision table says in a column."""
    return row.get(column, "")
