"""The joining form: who joins, the health statement of the plan version, and the signature."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from config.forms import ChoiceList, DayField, PageForm
from members.models.people import Sex
from members.rules.plans import HealthQuestion, PlanRules
from members.services.memberships import NewPerson

QUESTION_PREFIX = "health_"


class JoinForm(PageForm):
    """One person joins one plan. The questions are those of the version in force."""

    name = forms.CharField(label=_("Full name"), max_length=120)
    born_on = DayField(label=_("Date of birth"), help_text=_("The plan's age limits are checked against this day."))
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices, widget=ChoiceList, initial=Sex.UNKNOWN)
    id_number = forms.CharField(
        label=_("Identity number"),
        max_length=40,
        required=False,
        help_text=_("Stored encrypted. It keeps one person from being registered twice."),
    )
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    employer = forms.CharField(
        label=_("Employer"),
        max_length=200,
        required=False,
        help_text=_("Phone, address and employer keep people who know you off your jury. Nobody else reads them."),
    )

    def __init__(self, *args: Any, rules: PlanRules, is_new_person: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rules = rules
        if not is_new_person:
            self.fields.clear()
        for question in rules.join.health_questions:
            self.fields[QUESTION_PREFIX + question.code] = _answer_field(question)
        self.fields["is_signed"] = forms.BooleanField(
            label=_("I have read the rules, my answers are true, and I know that an untrue one can cost the aid."),
            error_messages={"required": _("Sign the health statement by ticking the box.")},
        )

    @property
    def health_answers(self) -> dict[str, bool]:
        """The answers by question code, true for yes."""
        return {
            question.code: self.cleaned_data[QUESTION_PREFIX + question.code] == "yes"
            for question in self._rules.join.health_questions
        }

    @property
    def new_person(self) -> NewPerson:
        """The person as filled in."""
        names = ("name", "born_on", "sex", "id_number", "phone", "address", "employer")
        return NewPerson(**{name: self.cleaned_data[name] for name in names})


def _answer_field(question: HealthQuestion) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=question.text.in_language(get_language()),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=ChoiceList,
        error_messages={"required": _("Answer with yes or no.")},
    )
