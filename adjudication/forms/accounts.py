"""The applicant's own account for the jury."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from adjudication.services.claim_checks import LONGEST_ACCOUNT
from pages.forms import PageForm, TextArea


class AccountForm(PageForm):
    text = forms.CharField(
        label=_("What happened, in your own words"),
        help_text=_(
            "When it began, what you noticed, who treated it, how it is now. Names, phone numbers and addresses are "
            "replaced before a juror reads it."
        ),
        max_length=LONGEST_ACCOUNT,
        widget=TextArea,
        error_messages={"required": _("Write what happened, or go back.")},
    )
