"""Forms of the member's side: the steps of a claim, its papers, the word for the draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from adjudication.files import ACCEPTED
from adjudication.models import Claim, Evidence
from adjudication.selectors.diagnoses import code_as_searched
from adjudication.services.answers import ACCEPTED as ACCEPTED_REJECTION
from adjudication.services.answers import HEARD, JURY, LONGEST_WORDS
from adjudication.services.claim_checks import LONGEST_ACCOUNT, LONGEST_HOSPITAL
from adjudication.services.evidence import LONGEST_TITLE
from jury.services.panels import WORD_MAX_CHARACTERS
from members.models import Membership
from members.rules.plans import DiseaseQuestion
from members.selectors.plans import title_in
from pages.forms import ChoiceList, DayField, FilesField, PageForm, TextArea
from pages.words import day

UPLOAD_HINT = format_lazy(
    gettext_lazy("PDF, JPEG, PNG, WebP or plain text, at most {limit} MB each."),
    limit=settings.EVIDENCE_MAX_BYTES // (1024 * 1024),
)


def membership_label(membership: Membership) -> str:
    """Whose membership it is, in which plan, since when."""
    values = {
        "name": membership.person.name,
        "plan": title_in(membership.plan, get_language()),
        "since": day(membership.joined_at),
        "left": day(membership.left_at) if membership.left_at else "",
    }
    if membership.left_at:
        return _("%(name)s – %(plan)s, from %(since)s to %(left)s") % values
    return _("%(name)s – %(plan)s, since %(since)s") % values


class Who(PageForm):
    membership = forms.TypedChoiceField(
        label=gettext_lazy("Who is ill?"),
        help_text=gettext_lazy("You can claim for yourself and for the people you pay for."),
        widget=ChoiceList,
        coerce=int,
        error_messages={
            "required": gettext_lazy("Choose who is ill."),
            "invalid_choice": gettext_lazy("Choose one of the people in the list."),
        },
    )

    def __init__(self, *args: Any, memberships: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["membership"].choices = [(one.pk, membership_label(one)) for one in memberships]  # type: ignore[attr-defined]


class Diagnosis(PageForm):
    """One ICD-10 code out of those found."""

    icd10 = forms.ChoiceField(
        label=gettext_lazy("Which of these is the diagnosis?"),
        widget=ChoiceList,
        error_messages={
            "required": gettext_lazy("Choose the diagnosis from the list. Search again if it is not there."),
            "invalid_choice": gettext_lazy(
                "“%(value)s” is not in the list. Search for the illness and choose from it."
            ),
        },
    )

    def __init__(self, *args: Any, found: Sequence[tuple[str, str]], query: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.query = query
        self.fields["icd10"].choices = list(found)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """With the code that was typed, where it is a national edition's for the one chosen."""
        given = super().clean() or {}
        return {**given, "icd10_given": code_as_searched(self.query, given.get("icd10", ""))}


class Illness(PageForm):
    severity = forms.ChoiceField(
        label=gettext_lazy("How severe is the illness, as the plan's rules call it?"),
        help_text=gettext_lazy("The hospital's report says so. If you are not sure, choose severe."),
        widget=ChoiceList,
        choices=[
            (Claim.Severity.SEVERE, gettext_lazy("Severe")),
            (Claim.Severity.MILD, gettext_lazy("Mild or early")),
        ],
        error_messages={"required": gettext_lazy("Choose how severe the illness is.")},
    )
    is_accident = forms.TypedChoiceField(
        label=gettext_lazy("Was it caused by an accident?"),
        help_text=gettext_lazy("For an accident there is no waiting period."),
        widget=ChoiceList,
        choices=[("no", gettext_lazy("No")), ("yes", gettext_lazy("Yes"))],
        coerce=lambda value: value == "yes",
        error_messages={"required": gettext_lazy("Choose yes or no.")},
    )


class IllnessOfSeveral(Illness):
    """The same where the code stands for several diseases: which one it is comes first."""

    disease = forms.ChoiceField(
        widget=ChoiceList,
        help_text=gettext_lazy("The code alone does not say it, and the plan covers only some of them."),
        error_messages={"required": gettext_lazy("Choose which disease it is, or that you do not know.")},
    )
    field_order = ("disease", "severity", "is_accident")

    def __init__(self, *args: Any, question: DiseaseQuestion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language()
        answers = [(answer.code, answer.text.in_language(language)) for answer in question.answers]
        field = self.fields["disease"]
        field.label = question.text.in_language(language)
        field.choices = [*answers, (NOT_KNOWN, _("I do not know. The investigation will find out"))]  # type: ignore[attr-defined]

    def clean_disease(self) -> str:
        """Nothing where the applicant does not know."""
        given: str = self.cleaned_data["disease"]
        return "" if given == NOT_KNOWN else given


NOT_KNOWN = "not_known"


class Days(PageForm):
    first_diagnosed_on = DayField(
        label=gettext_lazy("First diagnosis"),
        help_text=gettext_lazy("The day on the report that first named the illness, not the day you noticed it."),
        error_messages={"required": gettext_lazy("Write the day of the first diagnosis.")},
    )
    suspected_on = DayField(
        label=gettext_lazy("First suspicion or treatment"),
        help_text=gettext_lazy("If a doctor suspected or treated it before that day. Otherwise leave it empty."),
        required=False,
    )


class Hospital(PageForm):
    hospital = forms.CharField(
        label=gettext_lazy("Hospital that made the diagnosis"),
        max_length=LONGEST_HOSPITAL,
        error_messages={"required": gettext_lazy("Write the name of the hospital.")},
    )
    account = forms.CharField(
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy("In your own words: when it began, who treated it, how it is now."),
        max_length=LONGEST_ACCOUNT,
        widget=TextArea,
        required=False,
    )
    is_for_jury = forms.BooleanField(
        label=gettext_lazy("Let the jury read it too, with names, phone numbers and addresses replaced"),
        help_text=gettext_lazy("You can write it again until the investigator signs the report."),
        required=False,
    )


class ReportAnswer(PageForm):
    """The applicant's answer to a report by which the claim would be rejected."""

    choice = forms.ChoiceField(
        label=gettext_lazy("Who should decide?"),
        widget=ChoiceList,
        choices=[
            (JURY, gettext_lazy("A jury of members should judge the claim")),
            (ACCEPTED_REJECTION, gettext_lazy("No jury: I accept that the claim is rejected")),
        ],
        error_messages={"required": gettext_lazy("Choose whether a jury should judge the claim.")},
    )
    is_sure = forms.BooleanField(
        label=gettext_lazy("I know that the claim is then rejected without a jury, and that I cannot take this back."),
        help_text=gettext_lazy("Only if you accept the rejection."),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Accepting the rejection takes a second confirmation."""
        given = super().clean() or {}
        if given.get("choice") == ACCEPTED_REJECTION and not given.get("is_sure"):
            self.add_error("is_sure", _("Tick this if you accept the rejection, or choose the jury."))
        return given


class HearingAnswer(PageForm):
    """What the applicant says to a rejection by a clause that binds."""

    choice = forms.ChoiceField(
        label=gettext_lazy("What is your answer?"),
        widget=ChoiceList,
        choices=[
            (HEARD, gettext_lazy("I want to say something to it")),
            (ACCEPTED_REJECTION, gettext_lazy("I accept that the claim is rejected")),
        ],
        error_messages={"required": gettext_lazy("Choose whether you say something to it.")},
    )
    words = forms.CharField(
        label=gettext_lazy("What you say to it"),
        help_text=gettext_lazy("Which fact is wrong, and what shows it? A reviewer reads it before the decision."),
        max_length=LONGEST_WORDS,
        widget=TextArea,
        required=False,
    )


_PAPER_KINDS = [(kind.value, kind.label) for kind in Evidence.Kind if kind not in {Evidence.Kind.FINDING}]


class Papers(PageForm):
    kind = forms.ChoiceField(label=gettext_lazy("What do the files show?"), choices=_PAPER_KINDS)
    title = forms.CharField(
        label=gettext_lazy("Title"),
        help_text=gettext_lazy("If you leave it empty, the name of the file is taken."),
        max_length=LONGEST_TITLE,
        required=False,
    )
    papers = FilesField(
        label=gettext_lazy("Files"),
        help_text=UPLOAD_HINT,
        accept=ACCEPTED,
        error_messages={"required": gettext_lazy("Choose at least one file.")},
    )


class OptionalPapers(Papers):
    """The same as a step of a claim, which can continue without a file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["papers"].required = False


class Word(PageForm):
    word = forms.CharField(
        label=gettext_lazy("Your word"),
        help_text=gettext_lazy(
            "Letters and digits that nobody can guess. It is published after the draw, so write nothing personal."
        ),
        max_length=WORD_MAX_CHARACTERS,
        error_messages={"required": gettext_lazy("Write a word, or go back: the draw is then made without one.")},
    )
