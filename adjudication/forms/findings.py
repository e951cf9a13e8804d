"""Forms on the facts of a claim: what an investigator found, what the applicant says to it, what a reviewer decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from adjudication.rules.facts import Confidence, FactName, Standing
from adjudication.selectors.findings import FactRow
from adjudication.services.findings import LONGEST_JURY_NOTE, LONGEST_NOTE, LONGEST_REASON, LONGEST_REMARK
from pages.forms import ChoiceList, DayField, PageForm, TextArea

DISMISS, LOOK = "dismiss", "look"


class FactFound(PageForm):
    """What was found of one fact: its value or that it is not proven, where it stands, how sure."""

    standing = forms.ChoiceField(
        label=_("What did you find?"),
        widget=ChoiceList,
        error_messages={"required": _("Choose whether it is found or not proven.")},
    )
    learned = forms.ChoiceField(
        label=_("Where did you learn it?"),
        help_text=_("What a duty found counts before what a single paper says."),
        error_messages={"required": _("Choose the duty or the paper.")},
    )
    note = forms.CharField(
        label=_("Where does it stand?"),
        help_text=_("Source and place, such as the page of the record. Jurors do not see this."),
        max_length=LONGEST_NOTE,
        widget=TextArea,
        error_messages={"required": _("Write where it stands, so that others can check it.")},
    )
    confidence = forms.ChoiceField(
        label=_("How sure are you?"),
        widget=ChoiceList,
        choices=Confidence.choices,
        error_messages={"required": _("Choose how sure you are.")},
    )
    jury_note = forms.CharField(
        label=_("For the applicant and the jury, in a sentence"),
        help_text=_("Without names or anything else that identifies a person."),
        max_length=LONGEST_JURY_NOTE,
        required=False,
    )
    field_order = ("standing", "value", "learned", "note", "confidence", "jury_note")

    def __init__(self, *args: Any, row: FactRow, places: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._row = row
        # What the finding says, in the first person, and not the words of its state.
        said = [(Standing.FOUND.value, _("This value")), (Standing.NOT_PROVEN.value, _("It is not proven"))]
        if row.findings:
            said.append((Standing.WITHDRAWN.value, _("Nothing any more: I withdraw what I found before")))
        self.fields["standing"].choices = said  # type: ignore[attr-defined]
        self.fields["learned"].choices = list(places)  # type: ignore[attr-defined]
        self.fields["value"] = _value_field(row)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """A value where one is found."""
        cleaned = super().clean() or {}
        if cleaned.get("standing") == Standing.FOUND.value and not cleaned.get("value") and "value" not in self.errors:
            self.add_error("value", _("Give the value that you found."))
        return cleaned

    @property
    def value(self) -> str:
        """The value as findings store it."""
        given = self.cleaned_data.get("value") or ""
        return given.isoformat() if hasattr(given, "isoformat") else str(given)

    @property
    def duty(self) -> str:
        """The duty in which it was learned; empty for a paper."""
        kind, _sign, key = self.cleaned_data["learned"].partition(":")
        return key if kind == "duty" else ""

    @property
    def evidence_id(self) -> int | None:
        """The paper on which it stands."""
        kind, _sign, key = self.cleaned_data["learned"].partition(":")
        return int(key) if kind == "paper" else None


def _value_field(row: FactRow) -> forms.Field:
    label = str(row.label)
    if row.is_day:
        return DayField(label=label, required=False)
    if row.choices:
        choices = [(value, row.in_words(value)) for value in row.choices]
        return forms.ChoiceField(label=row.hint or label, choices=choices, widget=ChoiceList, required=False)
    help_text = _("The ICD-10 code, such as C50.9.") if row.fact.name is FactName.ICD10 else ""
    return forms.CharField(label=label, help_text=help_text, max_length=10, required=False)


class RemarkForm(PageForm):
    text = forms.CharField(
        label=_("What do you say to the facts found?"),
        help_text=_("Say which fact is wrong, and what shows it. The investigator and the reviewer read it."),
        max_length=LONGEST_REMARK,
        widget=TextArea,
        error_messages={"required": _("Write what is wrong with the facts found, or what is missing.")},
    )


class RemarkForBoth(RemarkForm):
    """The same while the jury's file is not frozen."""

    is_for_jury = forms.BooleanField(
        label=_("Let the jury read it too, with names, phone numbers and addresses replaced"), required=False
    )


class LateForm(PageForm):
    """What follows from what was found after the report."""

    act = forms.ChoiceField(
        label=_("What follows from it?"),
        widget=ChoiceList,
        choices=[
            (LOOK, _("Another look: the claim goes back to investigation, and what was found counts there")),
            (DISMISS, _("Nothing: the decision can be issued as if it had not been found")),
        ],
        error_messages={"required": _("Choose what follows.")},
    )
    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("The applicant and the auditor can read this. Do not name anybody."),
        max_length=LONGEST_REASON,
        widget=TextArea,
        error_messages={"required": _("Say why: a finding is never passed over in silence.")},
    )
