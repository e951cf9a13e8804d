"""Giving a second opinion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from config.forms import ChoiceList, PageForm, TextArea
from members.rules.plans import Text

ANSWERS = [("yes", _("Yes")), ("no", _("No")), ("unsure", _("It cannot be said from these papers"))]
PREFIX = "answer-"
REASONS_MAX_CHARACTERS = 4000


class OpinionForm(PageForm):
    """The medical questions of the request, each yes, no or unsure, and the reasons."""

    def __init__(self, *args: Any, questions: Sequence[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._questions = questions
        for question in questions:
            self.fields[PREFIX + question["code"]] = forms.ChoiceField(
                label=question_text(question),
                choices=ANSWERS,
                widget=ChoiceList,
                error_messages={"required": _("Answer with yes, no, or that it cannot be said.")},
            )
        self.fields["reasons"] = forms.CharField(
            label=_("Your reasons"),
            help_text=_("What in the papers shows it? Members will read this without your name."),
            max_length=REASONS_MAX_CHARACTERS,
            widget=TextArea,
            error_messages={"required": _("Give your reasons: an answer without reasons convinces nobody.")},
        )

    @property
    def answers(self) -> dict[str, str]:
        """The answers by question code."""
        return {question["code"]: self.cleaned_data[PREFIX + question["code"]] for question in self._questions}

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Each question with its answer in words, to be checked before sending."""
        words = dict(ANSWERS)
        return [(question_text(question), str(words[self.answers[question["code"]]])) for question in self._questions]


def question_text(question: Mapping[str, Any]) -> str:
    """A question in the reader's language; stored with its two texts, or with both under `text`."""
    both = question.get("text") or question
    return Text(both.get("en", ""), both.get("zh", "")).in_language(get_language()) or str(question["code"])
