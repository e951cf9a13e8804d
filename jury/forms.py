"""The exam's form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jury.exam import QUESTIONS
from jury.selectors.jurors import Candidacy
from members.models import Membership
from members.selectors.plans import title_in
from pages.forms import ChoiceList, PageForm


class ExamForm(PageForm):
    """One field for each question; the plan is asked for only where there is a choice."""

    def __init__(self, *args: Any, candidacies: Sequence[Candidacy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language()
        self._open = [candidacy.membership for candidacy in candidacies if candidacy.can_sit_exam]
        if len(self._open) > 1:
            self.fields["membership"] = forms.ChoiceField(
                label=_("For which plan?"),
                choices=[(str(one.pk), title_in(one.plan, language)) for one in self._open],
                widget=ChoiceList,
            )
        for question in QUESTIONS:
            self.fields[question.code] = forms.ChoiceField(
                label=question.text.in_language(language),
                choices=[(answer.code, answer.text.in_language(language)) for answer in question.answers],
                widget=ChoiceList,
            )
        self.fields["hospital"] = forms.CharField(
            label=_("Do you work at a hospital?"),
            help_text=_("Its name, so that you are never drawn for a case treated there. Only a digest is kept."),
            max_length=200,
            required=False,
        )

    @property
    def membership(self) -> Membership:
        chosen = self.cleaned_data.get("membership")
        return next(one for one in self._open if chosen is None or str(one.pk) == chosen)

    @property
    def answers(self) -> dict[str, str]:
        return {question.code: self.cleaned_data.get(question.code, "") for question in QUESTIONS}

    def explain(self, wrong: Sequence[str]) -> None:
        """Put the explanation under each question that was answered wrongly."""
        language = get_language()
        for question in QUESTIONS:
            if question.code in wrong:
                self.add_error(question.code, question.explanation.in_language(language))


class LookUpForm(PageForm):
    """A receipt or the name of a seat."""

    code = forms.CharField(
        label=_("Your receipt, or the name of your seat"),
        help_text=_("Such as 7K3M-9QXT-2BDF-4HJN or S-7K3M-9QXT-2BDF-4HJN."),
        max_length=60,
        error_messages={"required": _("Write a receipt or the name of a seat.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )
