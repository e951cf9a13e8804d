"""Form parts shared by all pages: a base form, and widgets that are drawn accessibly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class PageFormMixin:
    """A form whose mistakes are explained by the page itself, in the page's language, and not by the browser."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class PageForm(PageFormMixin, forms.Form):
    """The base of every form that is not tied to a model."""


class DayInput(forms.DateInput):
    """The browser's own day picker; its value is always written year-month-day, whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day. Where the browser has no day picker, 2019-05-14 and 2019/5/14 are understood."""

    widget = DayInput
    default_error_messages = {"invalid": _("Write a day that exists, such as 2019-05-14.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"])
        super().__init__(**kwargs)


class ChoiceList(forms.RadioSelect):
    """Radio buttons as a fieldset with a legend: one answer of a few."""


class ManyChoices(forms.CheckboxSelectMultiple):
    """Tick boxes as a fieldset with a legend: any number of answers."""


class TextArea(forms.Textarea):
    """Several lines of text."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 5, "cols": 40, **(attrs or {})})


class FilesInput(forms.ClearableFileInput):
    """A choice of several files at once."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Any number of files; its value is a list of uploads. What is inside them is the service's to check."""

    widget = FilesInput

    def __init__(self, *, accept: Sequence[str] = (), most: int = 20, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most
        if accept:
            self.widget.attrs["accept"] = ",".join(accept)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Check each file as Django checks one, and that they are not too many."""
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if not files:
            checked = super().clean(None, initial)
            return list(checked or [])
        if len(files) > self.most:
            raise forms.ValidationError(
                _("Choose at most %(most)s files at a time; you can come back for more."),
                code="too_many",
                params={"most": self.most},
            )
        return [super(FilesField, self).clean(file, initial) for file in files]
