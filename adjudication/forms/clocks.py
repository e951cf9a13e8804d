"""Narrowing the running clocks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pages.forms import PageForm


class ClockForm(PageForm):
    kind = forms.ChoiceField(label=_("Wait"), required=False)
    late = forms.BooleanField(label=_("Only late"), required=False)

    def __init__(self, *args: Any, kinds: Iterable[tuple[str, str | Promise]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("All")), *kinds]  # type: ignore[attr-defined]
