"""What a reviewer confirms, and what a what-if question is limited to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from adjudication.forms.serving import ContactForm
from adjudication.selectors.what_if import DECIDED, MOST_CLAIMS
from pages.forms import DayField, PageForm


class PublishForm(PageForm):
    """The notice day that the page showed: otherwise a second reviewer's click would publish the next notice."""

    notice_on = DayField(widget=forms.HiddenInput)


class DebtorContactForm(ContactForm):
    """What a reviewer tried, in order to reach who owes a share."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["result"].label = _("Were they told that a share is owed, and until when it can be paid?")


class WhatIfForm(PageForm):
    """Which rules to judge by, and which decided claims."""

    against = forms.ChoiceField(label=_("Rules to judge by"))
    since = DayField(label=_("Decided from"), required=False)
    until = DayField(label=_("Decided until"), required=False)
    status = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("All")), *((one.value, one.label) for one in DECIDED)],
        required=False,
    )
    period = forms.TypedChoiceField(
        label=_("Paid by the period of"), coerce=dt.date.fromisoformat, empty_value=None, required=False
    )
    last = forms.IntegerField(
        label=_("Maximum number of claims (the most recently decided)"),
        min_value=1,
        max_value=MOST_CLAIMS,
        required=False,
        error_messages={
            "max_value": _("At most %(limit_value)s claims are judged again at once. Choose a shorter range of days.")
        },
    )

    def __init__(
        self, *args: Any, against: Iterable[tuple[str, str]], periods: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["against"].choices = list(against)  # type: ignore[attr-defined]
        self.fields["period"].choices = [("", _("All")), *periods]  # type: ignore[attr-defined]

    def clean_last(self) -> int:
        return self.cleaned_data["last"] or MOST_CLAIMS
