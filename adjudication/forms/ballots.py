"""Casting a ballot, and stepping down from a seat."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jury.models import Ballot
from jury.recusals import OFFERED
from jury.sealing import REASON_CODES_MAX, WORDS_MAX_CHARACTERS
from members.rules.plans import PlanRules
from pages.forms import ChoiceList, ManyChoices, PageForm, TextArea

OUTCOME_OF = {Ballot.Choice.SUPPORT.value: "approved", Ballot.Choice.AGAINST.value: "rejected"}


class BallotForm(PageForm):
    """One step: the choice, its reasons, the juror's own words. `replaces` is what the juror's page knew of."""

    choice = forms.ChoiceField(
        label=_("How do you judge this claim?"),
        choices=[
            (Ballot.Choice.SUPPORT.value, _("I support the claim: the plan should pay")),
            (Ballot.Choice.AGAINST.value, _("I am against the claim: the plan should not pay")),
        ],
        widget=ChoiceList,
        error_messages={"required": _("Choose whether you support the claim or are against it.")},
    )
    reason_codes = forms.MultipleChoiceField(
        label=_("Why?"),
        help_text=_("Tick the reasons that belong to your choice."),
        widget=ManyChoices,
        required=False,
    )
    words = forms.CharField(
        label=_("In your own words"),
        help_text=_(
            "At most 800 characters. After the close they can be read with your ballot, without your name: "
            "write nothing that identifies you or the member."
        ),
        max_length=WORDS_MAX_CHARACTERS,
        widget=TextArea,
        required=False,
    )
    is_medical_question = forms.BooleanField(
        label=_("This is a medical question that doctors should answer"),
        help_text=_("If enough jurors tick this, doctors give a second opinion before anything is decided."),
        required=False,
    )
    replaces = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rules: PlanRules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._codes = {
            choice: {reason.code for reason in rules.reasons_for(outcome)} for choice, outcome in OUTCOME_OF.items()
        }
        self.fields["reason_codes"].choices = [  # type: ignore[attr-defined]
            (label, [(reason.code, reason.text.in_language(get_language())) for reason in rules.reasons_for(outcome)])
            for label, outcome in ((_("If you support it"), "approved"), (_("If you are against it"), "rejected"))
        ]

    def clean(self) -> dict[str, Any]:
        """Reject reasons of the other choice: the juror should see the mistake instead of losing them."""
        cleaned = super().clean() or self.cleaned_data
        codes = cleaned.get("reason_codes") or []
        choice = cleaned.get("choice")
        if choice and not set(codes) <= self._codes[choice]:
            self.add_error("reason_codes", _("Some reasons belong to the other choice. Untick them, or choose again."))
        if len(codes) > REASON_CODES_MAX:
            message = _("Tick at most %(most)s reasons: the most important ones.") % {"most": REASON_CODES_MAX}
            self.add_error("reason_codes", message)
        return cleaned


def read_quickly(data: QueryDict) -> dict[str, Any] | None:
    """What a ballot's form says, by its own fields; None where any of them would refuse it.

    Whether the reasons belong to the choice is asked by the act. No form is made: its list of reasons in the reader's
    language would cost more than the ballot.
    """
    said: dict[str, Any] = {"reason_codes": data.getlist("reason_codes")}
    for name in ("choice", "words", "is_medical_question", "replaces"):
        field = BallotForm.base_fields[name]
        try:
            said[name] = field.clean(field.widget.value_from_datadict(data, MultiValueDict(), name))
        except forms.ValidationError:
            return None
    return said


class RecusalForm(PageForm):
    reason = forms.ChoiceField(
        label=_("Why do you step down?"),
        choices=[(reason.value, reason.label) for reason in OFFERED],
        widget=ChoiceList,
        error_messages={"required": _("Choose a reason. It is kept for the auditor and shown to nobody else.")},
    )
