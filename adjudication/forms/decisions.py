"""Issuing a decision, returning a report, and narrowing the board."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from adjudication.models import Claim
from members.rules.plans import ReasonCode
from pages.forms import ManyChoices, PageForm, TextArea

READY = "ready"


class IssueForm(PageForm):
    """Further reasons for what the table says; the outcome and the amount are not fields, so they can't be changed."""

    reason_codes = forms.MultipleChoiceField(
        label=_("Further reasons that the member should read"), widget=ManyChoices, required=False
    )

    def __init__(self, *args: Any, reasons: Iterable[ReasonCode], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason_codes"].choices = [  # type: ignore[attr-defined]
            (reason.code, reason.text.in_language(get_language())) for reason in reasons
        ]


class ReturnForm(PageForm):
    reason = forms.CharField(
        label=_("What is missing?"),
        help_text=_("The investigator reads this. Say what has to be found out; do not name the member."),
        max_length=400,
        widget=TextArea,
        error_messages={"required": _("Say what is missing: the investigator must know what to do.")},
    )


class HoldForm(PageForm):
    reason = forms.CharField(
        label=_("Why must the claim wait?"),
        help_text=_("The member reads this. At most 200 characters."),
        max_length=200,
        widget=TextArea,
        error_messages={"required": _("Say why: the member must know what the claim waits for.")},
    )


class BoardForm(PageForm):
    status = forms.ChoiceField(label=_("State"), required=False)
    plan = forms.ChoiceField(label=_("Plan"), required=False)
    search = forms.CharField(label=_("Claim number"), max_length=20, required=False)
    overdue = forms.BooleanField(label=_("Only overdue"), required=False)

    def __init__(self, *args: Any, plans: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = [  # type: ignore[attr-defined]
            ("", _("All")),
            (READY, _("Ready for a decision")),
            *Claim.Status.choices,
        ]
        self.fields["plan"].choices = [("", _("All")), *plans]  # type: ignore[attr-defined]
