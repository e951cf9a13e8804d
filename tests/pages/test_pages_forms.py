"""Forms as they are drawn and read."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from pages.forms import ChoiceList, DayField, FilesField, ManyChoices, PageForm, TextArea
from tests.pages.drawing import draw


class Sample(PageForm):
    name = forms.CharField(label="Name", help_text="As in the identity card.")
    on = DayField(label="Day")
    side = forms.ChoiceField(label="Side", choices=[("a", "One"), ("b", "Other")], widget=ChoiceList, help_text="One.")
    many = forms.MultipleChoiceField(label="Many", choices=[("a", "A"), ("b", "B")], widget=ManyChoices, required=False)
    words = forms.CharField(label="Words", widget=TextArea, required=False)
    papers = FilesField(label="Papers", accept=("application/pdf",), most=2, required=False)
    sure = forms.BooleanField(label="It is true")


def _draw(form: forms.BaseForm, template: str = '<c-form :form="form" submit="Send" cancel="/back" />') -> str:
    return draw(template, form=form, csrf_token="token")


def test_every_field_is_labelled_and_points_to_its_hint() -> None:
    html = _draw(Sample())
    for name in ("name", "on", "words", "papers", "sure"):
        assert html.count(f'<label for="id_{name}">') == 1
    assert 'id="id_name_helptext"' in html
    assert re.search(r'<input[^>]+id="id_name"[^>]*aria-describedby="id_name_helptext"', html) or re.search(
        r'<input[^>]+aria-describedby="id_name_helptext"[^>]*id="id_name"', html
    )
    assert html.count("<fieldset") == html.count("<legend>") == 2
    assert '<fieldset aria-describedby="id_side_helptext"' in html
    assert html.count("(optional)") == 3


def test_the_form_sends_files_and_leaves_the_explaining_to_the_page() -> None:
    html = _draw(Sample())
    assert 'enctype="multipart/form-data"' in html
    assert "novalidate" in html
    assert " required" not in html
    assert 'accept="application/pdf"' in html
    assert " multiple" in html
    assert 'type="date"' in html
    assert "csrfmiddlewaretoken" in html
    assert '<a class="button quiet" href="/back">' in html


def test_mistakes_are_listed_on_top_with_links_to_their_fields() -> None:
    form = Sample({"many": ["z"]})
    form.add_error(None, "Another claim is open.")
    html = _draw(form)
    summary = html.split("<form")[0]
    assert 'role="alert"' in summary
    assert "<li>Another claim is open.</li>" in summary
    links = re.findall(r'href="#([a-z0-9_]+)"', summary)
    assert links == ["id_name", "id_on", "id_side_0", "id_many_0", "id_sure"]
    assert all(f'id="{link}"' in html.split("<form")[1] for link in links)
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_error"' in html
    assert html.count("has-error") == 5


def test_a_form_without_mistakes_has_no_summary() -> None:
    assert "error-summary" not in _draw(Sample())


def test_what_people_type_is_never_read_as_html() -> None:
    form = Sample({"name": "<b>x</b>", "side": "<i>"})
    html = _draw(form)
    assert "<b>x</b>" not in html
    assert "<i>" not in html
    assert "&lt;b&gt;" in html


def test_a_body_replaces_the_fields_and_keeps_the_hidden_ones() -> None:
    class WithHidden(PageForm):
        name = forms.CharField()
        step = forms.CharField(widget=forms.HiddenInput, initial="2")

    html = _draw(WithHidden(), '<c-form :form="form"><p>own</p><c-slot name="buttons">none</c-slot></c-form>')
    assert "<p>own</p>" in html
    assert 'name="step"' in html
    assert 'name="name"' not in html
    assert "<button" not in html


@pytest.mark.parametrize("text", ["2019-05-14", "2019/05/14", "2019.5.14", "2019年5月14日"])
def test_a_day_is_understood_as_people_write_it(text: str) -> None:
    assert DayField().clean(text) == dt.date(2019, 5, 14)


@pytest.mark.parametrize("text", ["2019-02-30", "14/05/2019", "yesterday"])
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(forms.ValidationError, match=r"2019-05-14"):
        DayField().clean(text)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_day_picker_is_given_the_day_as_browsers_read_it(language: str) -> None:
    with translation.override(language):
        assert 'value="2019-05-14"' in DayField().widget.render("on", dt.date(2019, 5, 14))


def _files(*names: str, content: bytes = b"x") -> MultiValueDict[str, SimpleUploadedFile]:
    return MultiValueDict({"papers": [SimpleUploadedFile(name, content) for name in names]})


class Papers(PageForm):
    papers = FilesField(accept=("application/pdf",), most=2)


def test_several_files_come_as_a_list() -> None:
    form = Papers({}, _files("a.pdf", "b.pdf"))
    assert form.is_valid()
    assert [file.name for file in form.cleaned_data["papers"]] == ["a.pdf", "b.pdf"]


def test_no_file_too_many_or_an_empty_one_is_refused() -> None:
    with translation.override("en"):
        assert Papers({}, MultiValueDict()).errors["papers"] == ["This field is required."]
        assert "at most 2 files" in Papers({}, _files("a", "b", "c")).errors["papers"][0]
        assert "empty" in Papers({}, _files("a.pdf", content=b"")).errors["papers"][0]


def test_no_file_where_none_is_needed_is_an_empty_list() -> None:
    assert FilesField(required=False).clean(None) == []
