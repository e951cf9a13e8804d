"""Forms of the investigator: a duty, and the report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy

from adjudication.files import ACCEPTED
from adjudication.forms.claims import UPLOAD_HINT
from adjudication.models import DutyRecord, Investigation
from adjudication.rules.duties import DETAILS
from adjudication.services.claim_checks import LONGEST_ACCOUNT
from adjudication.services.investigations import LONGEST_SUMMARY, LONGEST_TEXT
from members.rules.plans import PlanRules, ReasonCode
from pages.forms import ChoiceList, DayField, FilesField, ManyChoices, PageForm, TextArea


class Duty(PageForm):
    """What one duty did and found: its own details, then result, findings and summary."""

    result = forms.ChoiceField(
        label=gettext_lazy("Result"),
        widget=ChoiceList,
        choices=[(result.value, result.label) for result in DutyRecord.Result],
        error_messages={"required": gettext_lazy("Choose the result.")},
    )
    done_on = DayField(
        label=gettext_lazy("Done on"), error_messages={"required": gettext_lazy("Write the day on which it was done.")}
    )
    findings = forms.CharField(
        label=gettext_lazy("Findings"),
        help_text=gettext_lazy("In full, with names and sources. Jurors do not see this."),
        max_length=LONGEST_TEXT,
        widget=TextArea,
        error_messages={"required": gettext_lazy("Write what was found, or why nothing could be.")},
    )
    jury_summary = forms.CharField(
        label=gettext_lazy("Summary for the jury"),
        help_text=gettext_lazy(
            "Without names, phone numbers or anything else that identifies the member: write “the member”."
        ),
        max_length=LONGEST_SUMMARY,
        widget=TextArea,
        error_messages={"required": gettext_lazy("Write a summary that jurors can read.")},
    )
    papers = FilesField(
        label=gettext_lazy("Files"),
        help_text=UPLOAD_HINT,
        accept=ACCEPTED,
        required=False,
    )
    is_for_jury = forms.BooleanField(
        label=gettext_lazy("Show these files to the jury: I have removed every name from them"), required=False
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._details = DETAILS[kind]
        for detail in self._details:
            self.fields[DETAIL_PREFIX + detail.name] = forms.CharField(
                label=str(detail.label),
                help_text=str(detail.hint),
                max_length=LONGEST_TEXT,
                widget=TextArea if detail.is_long else forms.TextInput,
                required=detail.is_required,
                error_messages={"required": gettext_lazy("Fill this in, or write why it could not be found out.")},
            )
        names = [DETAIL_PREFIX + detail.name for detail in self._details]
        self.order_fields(["done_on", *names, "result", "findings", "jury_summary", "papers", "is_for_jury"])

    @property
    def details(self) -> dict[str, str]:
        """What the duty is about, by name."""
        return {detail.name: self.cleaned_data[DETAIL_PREFIX + detail.name] for detail in self._details}


DETAIL_PREFIX = "detail-"


def _reason_label(code: ReasonCode) -> str:
    return code.text.in_language(get_language())


class Report(PageForm):
    recommendation = forms.ChoiceField(
        label=gettext_lazy("Recommendation"),
        widget=ChoiceList,
        choices=[(one.value, one.label) for one in Investigation.Recommendation],
        error_messages={"required": gettext_lazy("Choose what you recommend.")},
    )
    reasons_for = forms.MultipleChoiceField(
        label=gettext_lazy("Reasons, if you support the claim"), widget=ManyChoices, required=False
    )
    reasons_against = forms.MultipleChoiceField(
        label=gettext_lazy("Reasons, if you are against it"), widget=ManyChoices, required=False
    )
    suspected_on = DayField(
        label=gettext_lazy("First suspicion or treatment, as you found it"),
        help_text=gettext_lazy("Only if it differs from what the claim says."),
        required=False,
    )
    report = forms.CharField(
        label=gettext_lazy("Report"),
        help_text=gettext_lazy("In full. Jurors do not see this."),
        max_length=LONGEST_TEXT,
        widget=TextArea,
        error_messages={"required": gettext_lazy("Write the report.")},
    )
    jury_summary = forms.CharField(
        label=gettext_lazy("Summary for the jury"),
        help_text=gettext_lazy("What you found and why you recommend it, without anything that identifies the member."),
        max_length=LONGEST_SUMMARY,
        widget=TextArea,
        error_messages={"required": gettext_lazy("Write a summary that jurors can read.")},
    )
    jury_account = forms.CharField(
        label=gettext_lazy("The applicant's account, as jurors read it"),
        help_text=gettext_lazy(
            "The words in brackets stand for what was replaced. Replace what still shows who somebody is, for example "
            "by [left out]; you cannot change anything else."
        ),
        max_length=2 * LONGEST_ACCOUNT,
        widget=TextArea,
        error_messages={"required": gettext_lazy("Leave the account as it is proposed, or replace more of it.")},
    )
    account_read = forms.BooleanField(
        label=gettext_lazy("I have read the account: it shows nobody who the member is"),
        error_messages={"required": gettext_lazy("Read the account, and confirm that it names nobody.")},
    )
    confirm = forms.BooleanField(
        label=gettext_lazy("I have finished. After signing, nothing can be added or changed."),
        error_messages={"required": gettext_lazy("Confirm that you have finished, or go back.")},
    )

    def __init__(self, *args: Any, rules: PlanRules, has_account: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_account:
            del self.fields["jury_account"], self.fields["account_read"]
        for name, outcome in (("reasons_for", "approved"), ("reasons_against", "rejected")):
            choices = [(reason.code, _reason_label(reason)) for reason in rules.reasons_for(outcome)]
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def reasons(self) -> list[str]:
        """The reasons that belong to the recommendation chosen."""
        supports = self.cleaned_data["recommendation"] == Investigation.Recommendation.SUPPORT
        return list(self.cleaned_data["reasons_for" if supports else "reasons_against"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        other = (
            "reasons_against"
            if cleaned.get("recommendation") == Investigation.Recommendation.SUPPORT
            else "reasons_for"
        )
        if "recommendation" in cleaned and cleaned.get(other):
            self.add_error(other, gettext_lazy("These reasons contradict your recommendation: untick them."))
        if "recommendation" in cleaned and not self.reasons:
            supports = cleaned["recommendation"] == Investigation.Recommendation.SUPPORT
            self.add_error(
                "reasons_for" if supports else "reasons_against", gettext_lazy("Choose at least one reason.")
            )
        return cleaned
