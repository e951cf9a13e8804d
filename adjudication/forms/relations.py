"""Declaring a relation, asking for its withdrawal, and settling that."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from adjudication.models import DeclaredRelation
from pages.forms import ChoiceList, PageForm, TextArea

WITHDRAW, KEEP = "withdraw", "keep"


class RelationForm(PageForm):
    kind = forms.ChoiceField(
        label=_("What do you have to do with the member?"),
        help_text=_("Only the kind is kept. Who you are to each other is nobody's business."),
        choices=DeclaredRelation.Kind.choices,
        widget=ChoiceList,
        error_messages={"required": _("Choose what you have to do with the member.")},
    )


class WithdrawalForm(PageForm):
    reason = forms.CharField(
        label=_("Why does the relation not hold?"),
        help_text=_("Another reviewer reads this and decides. Do not name the member. At most 400 characters."),
        max_length=400,
        widget=TextArea,
        error_messages={"required": _("Say why: a second person decides on it.")},
    )


class SettleForm(PageForm):
    answer = forms.ChoiceField(
        label=_("Does the relation still count?"),
        choices=[
            (KEEP, _("Keep it: they still act on no claim of this member")),
            (WITHDRAW, _("Withdraw it: they may act on the claims of this member again")),
        ],
        widget=ChoiceList,
        error_messages={"required": _("Choose whether the relation still counts.")},
    )
