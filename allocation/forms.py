"""What a reviewer confirms."""

from __future__ import annotations

from django import forms

from config.forms import DayField, PageForm


class PublishForm(PageForm):
    """The notice day that the page showed, so that a second reviewer's click is not taken for the next notice."""

    notice_on = DayField(widget=forms.HiddenInput)
