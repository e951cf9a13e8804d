"""Forms: joining with its health statement, the texts of plan drafts, finding people and asking for their data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from config.forms import ChoiceList, DayField, PageForm, TextArea
from members.models import PlanVersion, Unmasking
from members.models.people import Sex
from members.rules.plans import HealthQuestion, PlanRules, WayIn
from members.selectors.search import ANYTHING
from members.services.people import NewPerson
from members.services.plan_drafts import LONGEST_REMARK
from members.services.unmaskings import LONGEST_WORDS, SHORTEST_WORDS

QUESTION_PREFIX = "health_"
SEARCH_CHOICES = [
    (ANYTHING, _("I am not sure: try all")),
    ("number", _("Member number")),
    ("membership", _("Membership number")),
    ("name", _("Full name")),
    ("phone", _("Phone")),
    ("id_number", _("Identity number")),
    ("email", _("E-mail address of the log-in")),
    ("external_id", _("Number in an earlier system")),
]


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


class MoveForm(PageForm):
    """A member moves into another plan; its health questions are asked where its rules say so."""

    is_signed = forms.BooleanField(
        label=_("I have read the rules of the plan that I move into, and what ends and begins. Any answers are true."),
        error_messages={"required": _("Tick the box to say that you have read it.")},
    )

    def __init__(self, *args: Any, rules: PlanRules, way: WayIn, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._questions = rules.join.health_questions if way.asks_health else ()
        for question in self._questions:
            self.fields[QUESTION_PREFIX + question.code] = _answer_field(question)
        self.order_fields([QUESTION_PREFIX + question.code for question in self._questions])

    @property
    def health_answers(self) -> dict[str, bool]:
        """The answers by question code, true for yes; empty where nothing is asked."""
        return {
            question.code: self.cleaned_data[QUESTION_PREFIX + question.code] == "yes" for question in self._questions
        }


def _answer_field(question: HealthQuestion) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=question.text.in_language(get_language()),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=ChoiceList,
        error_messages={"required": _("Answer with yes or no.")},
    )


class PlanText(PageForm):
    """The text of a plan file, typed or chosen as a file; a file goes before what is typed."""

    file = forms.FileField(
        label=_("Plan file"),
        help_text=_("A text file in TOML. It takes the place of the text below."),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".toml,text/plain,application/toml"}),
    )
    source = forms.CharField(
        label=_("Text of the plan file"),
        help_text=_("Kept as you type it, even while something in it is wrong."),
        required=False,
        strip=False,
        widget=TextArea({"rows": 30, "spellcheck": "false", "class": "code"}),
    )

    def clean_file(self) -> str:
        """The text inside the file; empty where none was chosen."""
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        try:
            return str(file.read().decode("utf-8"))
        except UnicodeDecodeError:
            raise forms.ValidationError(
                _("This is not a text file in UTF-8. Save it as one and choose it again.")
            ) from None

    @property
    def text(self) -> str:
        """The text given."""
        return str(self.cleaned_data["file"] or self.cleaned_data["source"])


class EditDraft(PlanText):
    """The text of a draft, with the revision that it was read in."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class StartDraft(PlanText):
    """What a draft begins with: the last version of a plan, or a text."""

    based_on = forms.ChoiceField(
        label=_("Start from"),
        help_text=_("The last version of a plan, to be changed; or an empty page."),
        required=False,
        widget=ChoiceList,
    )
    field_order = ("based_on", "file", "source")

    def __init__(self, *args: Any, versions: Iterable[PlanVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(version.pk), f"{version.plan.code} {version.label}") for version in versions]
        self.fields["based_on"].choices = [*known, ("", _("An empty page, or the file or text below"))]  # type: ignore[attr-defined]


class SeenRevision(PageForm):
    """The revision that a page showed, so that nobody proposes or publishes a text that they have not read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class SendBackForm(PageForm):
    """Why a proposed draft goes back."""

    remark = forms.CharField(
        label=_("What should change?"),
        help_text=_("Whoever writes on reads this."),
        max_length=LONGEST_REMARK,
        widget=TextArea,
        error_messages={"required": _("Say what should change: whoever writes on must know what to do.")},
    )


class PeopleSearchForm(PageForm):
    """Whom to look for: an exact value, of a known kind or of any."""

    term = forms.CharField(
        label=_("What do you know of the person?"),
        help_text=_(
            "The whole name, phone or identity number, the e-mail address of the log-in, or a number: of the member, "
            "of a membership, or from an earlier system. Parts of a value find nobody."
        ),
        max_length=254,
        error_messages={"required": _("Write what you know of the person. Without it nobody is listed.")},
    )
    by = forms.ChoiceField(label=_("Which of these is it?"), choices=SEARCH_CHOICES, initial=ANYTHING, required=False)

    def clean_by(self) -> str:
        """Anything, where nothing was chosen."""
        return self.cleaned_data["by"] or ANYTHING


class PeoplePageForm(PeopleSearchForm):
    """The same, and where the page of people begins: behind the last one of the page before."""

    before = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**63 - 1)


class UnmaskForm(PageForm):
    """Why somebody must know who a person is."""

    reason = forms.ChoiceField(
        label=_("Why do you need to know?"),
        help_text=_("The person can read this reason on a page of their own."),
        choices=Unmasking.Reason.choices,
        widget=ChoiceList,
        error_messages={"required": _("Choose the reason: without one nobody's data are shown.")},
    )
    words = forms.CharField(
        label=_("In your own words"),
        help_text=_("What you are working on and which of the data you need. Stored encrypted, for the auditor."),
        min_length=SHORTEST_WORDS,
        max_length=LONGEST_WORDS,
        widget=TextArea,
        error_messages={"required": _("Say in your own words what you need the data for.")},
    )
