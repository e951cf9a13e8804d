"""Recording that staff tried to reach an applicant."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import ContactAttempt
from members.services.serving import LONGEST_WORDS, SHORTEST_WORDS
from pages.forms import ChoiceList, PageForm, TextArea

REACHED, NOT_REACHED = "yes", "no"


class ContactForm(PageForm):
    """What a reviewer tried, in order to reach the reader of a notice."""

    how = forms.ChoiceField(
        label=_("How did you try to reach the person?"), choices=ContactAttempt.How.choices, widget=ChoiceList
    )
    result = forms.ChoiceField(
        label=_("Were they told that their answer is awaited, and until when?"),
        choices=[(REACHED, _("Yes, I reached them and told them")), (NOT_REACHED, _("No, I did not reach them"))],
        widget=ChoiceList,
    )
    words = forms.CharField(
        label=_("What happened?"),
        help_text=_("When you tried, and who answered. Stored encrypted, for reviewers and the auditor."),
        min_length=SHORTEST_WORDS,
        max_length=LONGEST_WORDS,
        widget=TextArea,
        error_messages={"required": _("Say in your own words what happened: it is the evidence of the attempt.")},
    )
