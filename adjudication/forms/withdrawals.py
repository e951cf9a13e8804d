"""The form by which somebody notes what a withdrawn record means for its claim."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from adjudication.services.withdrawals import LONGEST_NOTE
from pages.forms import PageForm, TextArea


class NoteForm(PageForm):
    note = forms.CharField(
        label=_("What does it mean for the claim?"),
        help_text=_(
            "Whom you asked at the hospital, what they answered, and whether the diagnosis stands. Written once."
        ),
        max_length=LONGEST_NOTE,
        widget=TextArea,
        error_messages={"required": _("Say what the hospital answered, and whether the diagnosis stands.")},
    )
