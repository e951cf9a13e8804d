"""The filter of the audit page, and the start of a page of a story."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.selectors import EntryFilter
from audit.services.exports import FORMS
from pages.forms import DayField, PageForm


class EntryFilterForm(PageForm):
    """What to look for in the log; every field may stay empty."""

    stream = forms.CharField(label=_("Claim or stream"), required=False, max_length=120)
    kind = forms.CharField(label=_("Kind of act"), required=False, max_length=80)
    actor = forms.CharField(label=_("By whom"), required=False, max_length=80)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To, that day included"), required=False)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    @property
    def wanted(self) -> EntryFilter:
        """The filter as filled in; days are days in the service's time zone."""
        given = self.cleaned_data
        until = given["until"]
        return EntryFilter(
            stream=given["stream"].strip(),
            actor=given["actor"].strip(),
            kind=given["kind"].strip(),
            since=_midnight(given["since"]),
            until=_midnight(until + dt.timedelta(days=1)) if until else None,
        )


class ExportForm(EntryFilterForm):
    """What to export of the log, and in which format."""

    format = forms.ChoiceField(choices=[(form, form) for form in FORMS])


class StoryForm(forms.Form):
    """From which entry on a story is told."""

    after = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


def _midnight(on: dt.date | None) -> dt.datetime | None:
    return timezone.make_aware(dt.datetime.combine(on, dt.time.min)) if on else None
