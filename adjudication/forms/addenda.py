"""The form of an addendum: what is new for the jurors, and the papers that show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from adjudication.files import ACCEPTED
from adjudication.forms.claims import UPLOAD_HINT
from adjudication.models import DutyRecord
from adjudication.services.addenda import LONGEST_TEXT
from pages.forms import FilesField, ManyChoices, PageForm, TextArea


class AddendumForm(PageForm):
    """`filed` are the papers that jurors may still be given, by number and title; with `may_file` new ones as well."""

    text = forms.CharField(
        label=_("What is new, for the jurors"),
        help_text=_("In a few sentences: what was found, where it comes from. Without names."),
        max_length=LONGEST_TEXT,
        widget=TextArea,
        error_messages={"required": _("Write for the jurors what is new.")},
    )
    filed = forms.MultipleChoiceField(
        label=_("Papers of the claim that the jurors do not have yet"),
        help_text=_("Only those in which no name stands. Of the others, file a copy without names."),
        widget=ManyChoices,
        required=False,
    )
    uploads = FilesField(label=_("New files, without names"), help_text=UPLOAD_HINT, accept=ACCEPTED, required=False)
    duty = forms.ChoiceField(
        label=_("In which duty did you get the new files?"),
        choices=[("", _("No new files")), *DutyRecord.Kind.choices],
        required=False,
    )
    are_masked = forms.BooleanField(
        label=_("I have looked at every page of these papers: no name stands in them, and nothing shows who it is"),
        required=False,
    )

    def __init__(self, *args: Any, filed: Sequence[tuple[str, str]], may_file: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["filed"].choices = filed  # type: ignore[attr-defined]
        if not filed:
            del self.fields["filed"]
        if not may_file:
            del self.fields["uploads"], self.fields["duty"]
        if not filed and not may_file:
            del self.fields["are_masked"]

    @property
    def numbers(self) -> list[int]:
        """The papers chosen of those that are filed."""
        return [int(one) for one in self.cleaned_data.get("filed", ())]
