"""Giving a second opinion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from adjudication.rules.facts import (
    CHOICES,
    DAYS,
    FACT_WORDS,
    MEDICAL,
    VALUE_WORDS,
    Confidence,
    FactName,
    Standing,
)
from adjudication.selectors.readable_files import value_in_words
from adjudication.services.opinions import LONGEST_TEXT, NOT_PROVEN
from members.rules.plans import DiseaseQuestion, PlanRules, Text
from pages.forms import ChoiceList, DayField, PageForm, TextArea

ANSWERS = [("yes", _("Yes")), ("no", _("No")), ("unsure", _("It cannot be said from these papers"))]
PREFIX = "answer-"
FACT_PREFIX = "fact-"
OPEN_PREFIX = "open-"
REASONS_MAX_CHARACTERS = 4000


class OpinionForm(PageForm):
    """The medical questions of the request, each yes, no or unsure, the reasons, and the facts found."""

    def __init__(
        self,
        *args: Any,
        questions: Sequence[Mapping[str, Any]],
        rules: PlanRules | None,
        clause: str = "",
        asks: DiseaseQuestion | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._questions, self._rules = questions, rules
        for question in questions:
            self.fields[PREFIX + question["code"]] = forms.ChoiceField(
                label=question_text(question),
                choices=ANSWERS,
                widget=ChoiceList,
                error_messages={"required": _("Answer with yes, no, or that it cannot be said.")},
            )
        self.fields["reasons"] = forms.CharField(
            label=_("Your reasons"),
            help_text=_("What in the papers shows this? Members will read it without your name."),
            max_length=REASONS_MAX_CHARACTERS,
            widget=TextArea,
            error_messages={"required": _("Give your reasons: an answer needs them.")},
        )

        for name in MEDICAL:
            if name is FactName.DISEASE:
                if asks is not None:
                    self.fields[FACT_PREFIX + name] = _disease_field(asks)
                continue
            self.fields[FACT_PREFIX + name] = _fact_field(name, clause)
            if name not in CHOICES:
                label = _("%(fact)s: not proven by these papers") % {"fact": FACT_WORDS[name]}
                self.fields[OPEN_PREFIX + name] = forms.BooleanField(label=label, required=False)
        self.fields["confidence"] = forms.ChoiceField(
            label=_("How sure are you of these facts?"), choices=Confidence.choices, widget=ChoiceList, required=False
        )
        self.fields["missing"] = forms.CharField(
            label=_("What is missing in the papers?"), max_length=LONGEST_TEXT, widget=TextArea, required=False
        )
        self.fields["literature"] = forms.CharField(
            label=_("Literature"),
            help_text=_("Guidelines or articles on which your answer rests."),
            max_length=LONGEST_TEXT,
            widget=TextArea,
            required=False,
        )

    def clean(self) -> dict[str, Any]:
        """Facts need to be said with how sure one is."""
        cleaned = super().clean() or {}
        for name in MEDICAL:
            if cleaned.get(OPEN_PREFIX + name) and cleaned.get(FACT_PREFIX + name):
                self.add_error(FACT_PREFIX + name, _("Either leave this empty, or untick that it is not proven."))
        if self._facts_in(cleaned) and not cleaned.get("confidence"):
            self.add_error("confidence", _("Say how sure you are of the facts that you found."))
        return cleaned

    @property
    def facts(self) -> dict[str, str]:
        """What was found, by name; what was left empty is not there."""
        return self._facts_in(self.cleaned_data)

    @property
    def given(self) -> dict[str, Any]:
        """All that goes with the answers."""
        texts = {name: self.cleaned_data.get(name) or "" for name in ("confidence", "missing", "literature")}
        return {"answers": self.answers, "reasons": self.cleaned_data["reasons"], "facts": self.facts, **texts}

    def _facts_in(self, cleaned: Mapping[str, Any]) -> dict[str, str]:
        found = {
            name.value: NOT_PROVEN if cleaned.get(OPEN_PREFIX + name) else cleaned.get(FACT_PREFIX + name)
            for name in MEDICAL
        }
        return {name: str(value) for name, value in found.items() if value}

    @property
    def answers(self) -> dict[str, str]:
        return {question["code"]: self.cleaned_data[PREFIX + question["code"]] for question in self._questions}

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Each question with its answer in words, to be checked before sending."""
        words = dict(ANSWERS)
        rows = [(question_text(question), str(words[self.answers[question["code"]]])) for question in self._questions]
        return rows + fact_rows_of(self.facts, self._rules)


def fact_rows_of(facts: Mapping[str, str], rules: PlanRules | None) -> list[tuple[str, str]]:
    """Facts in words, in their order."""
    not_proven = str(Standing.NOT_PROVEN.label)
    return [
        (str(FACT_WORDS[name]), not_proven if facts[name] == NOT_PROVEN else value_in_words(name, facts[name], rules))
        for name in MEDICAL
        if name in facts
    ]


def _disease_field(question: DiseaseQuestion) -> forms.Field:
    """Which of the diseases of the code it is, as the plan asks it."""
    language = get_language()
    choices = [(answer.code, answer.text.in_language(language)) for answer in question.answers]
    said = [("", _("I say nothing of it")), *choices, (NOT_PROVEN, Standing.NOT_PROVEN.label)]
    label = question.text.in_language(language)
    return forms.ChoiceField(label=label, choices=said, widget=ChoiceList, required=False)


def _fact_field(name: FactName, clause: str) -> forms.Field:
    label = FACT_WORDS[name]
    if name in DAYS:
        return DayField(label=str(label), required=False)
    if name in CHOICES:
        choices = [(value, VALUE_WORDS[value]) for value in CHOICES[name]]
        said = [("", _("I say nothing of it")), *choices, (NOT_PROVEN, Standing.NOT_PROVEN.label)]
        help_text = clause if name is FactName.SEVERITY else ""
        return forms.ChoiceField(label=str(label), choices=said, widget=ChoiceList, required=False, help_text=help_text)
    help_text = str(_("The ICD-10 code, such as C50.9."))
    return forms.CharField(label=str(label), help_text=help_text, max_length=10, required=False)


def question_text(question: Mapping[str, Any]) -> str:
    """A question in the reader's language; stored with its two texts, or with both under `text`."""
    both = question.get("text") or question
    return Text(both.get("en", ""), both.get("zh", "")).in_language(get_language()) or str(question["code"])
