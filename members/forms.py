"""Forms: joining with its health statement, plan drafts, finding people and asking for their data, messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from members.models import Channel, DeliveryStatus, PlanVersion, Unmasking
from members.models.people import Sex
from members.rules.plans import HealthQuestion, PlanRules, WayIn
from members.selectors.mail_choices import MailKind
from members.selectors.search import ANYTHING
from members.services.identity import CONFIRMED, LONGEST_REASON, REFUTED, SHORTEST_REASON
from members.services.people import NewPerson
from members.services.plan_drafts import LONGEST_REMARK
from members.services.unmaskings import LONGEST_WORDS, SHORTEST_WORDS
from pages.forms import ChoiceList, DayField, ManyChoices, PageForm, TextArea

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
        names = ("name", "born_on", "sex", "id_number", "phone", "address", "employer")
        return NewPerson(**{name: self.cleaned_data[name] for name in names})


class MoveForm(PageForm):
    """A member moves into another plan; its health questions are asked where its rules say so."""

    is_signed = forms.BooleanField(
        label=_(
            "I have read the rules of the plan that I am moving to, and what ends and begins. All answers are true."
        ),
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
    """The text of a plan file, typed or chosen as a file; a file takes precedence over typed text."""

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
        help_text=_("The reviewer who continues the draft reads this."),
        max_length=LONGEST_REMARK,
        widget=TextArea,
        error_messages={
            "required": _("Say what should change, so that the reviewer who continues the draft knows what to do.")
        },
    )


class PeopleSearchForm(PageForm):
    """Whom to look for: an exact value, of a known kind or of any."""

    term = forms.CharField(
        label=_("What do you know about the person?"),
        help_text=_(
            "The whole name, phone or identity number, the e-mail address of the log-in, or a number: of the member, "
            "of a membership, or from an earlier system. Parts of a value find nobody."
        ),
        max_length=254,
        error_messages={"required": _("Write what you know about the person. Without it nobody is listed.")},
    )
    by = forms.ChoiceField(label=_("Which of these is it?"), choices=SEARCH_CHOICES, initial=ANYTHING, required=False)

    def clean_by(self) -> str:
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


class MessageFilterForm(PageForm):
    """What staff look for among the messages: by state and channel, or by one reference."""

    find = forms.CharField(
        label=_("Find by reference"),
        help_text=_("A claim, a member number, a log-in such as user:12, or the number of a message."),
        max_length=80,
        required=False,
    )
    status = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("Everything that did not get through")), *DeliveryStatus.choices],
        required=False,
    )
    channel = forms.ChoiceField(label=_("Channel"), choices=[("", _("All channels")), *Channel.choices], required=False)


class AlikeForm(PageForm):
    """Which deliveries failed alike; written by the page, never typed."""

    channel = forms.ChoiceField(choices=Channel.choices)
    status = forms.ChoiceField(choices=DeliveryStatus.choices)
    fault = forms.CharField(max_length=100, required=False, strip=False)


class MailChoicesForm(PageForm):
    """The language of what is sent to somebody, and which kinds of what is not owed come by e-mail."""

    language = forms.ChoiceField(label=_("Language of what we send you"), widget=ChoiceList)
    wanted = forms.MultipleChoiceField(
        label=_("What comes by email until you switch it off"),
        help_text=_("Your inbox has all of it in any case."),
        widget=ManyChoices,
        required=False,
    )
    wanted_news = forms.MultipleChoiceField(
        label=_("What all members of a plan are told"),
        help_text=_("It is in your inbox. By email it comes only if you tick it: nothing of it is sent otherwise."),
        widget=ManyChoices,
        required=False,
    )

    def __init__(self, *args: Any, kinds: Sequence[MailKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]
        for name, offered in self.split(kinds):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = [(kind.name, kind.words) for kind in offered]
            if not offered:
                del self.fields[name]

    @staticmethod
    def split(kinds: Sequence[MailKind]) -> list[tuple[str, list[MailKind]]]:
        """The kinds by the field that offers them: those that come until switched off, and those that do not."""
        return [
            ("wanted", [kind for kind in kinds if not kind.is_to_all]),
            ("wanted_news", [kind for kind in kinds if kind.is_to_all]),
        ]

    @property
    def all_wanted(self) -> list[str]:
        """The names of all kinds that are to come."""
        return [*self.cleaned_data.get("wanted", []), *self.cleaned_data.get("wanted_news", [])]


class IdentityForm(PageForm):
    """Settling a question about an identity."""

    answer = forms.ChoiceField(
        label=_("Is it shown who this is?"),
        choices=[
            (CONFIRMED, _("Yes, the identity is confirmed")),
            (REFUTED, _("No, and nothing is paid until it is")),
        ],
        widget=ChoiceList,
        error_messages={"required": _("Choose whether the identity is confirmed.")},
    )
    reason = forms.CharField(
        label=_("What have you seen?"),
        help_text=_("Stored encrypted; reviewers and auditors read it. 10 to 500 characters."),
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=TextArea,
    )
