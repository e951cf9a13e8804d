"""The service's addresses, and one page that shows every part, for the tests of the look."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path
from django_cotton.compiler_regex import CottonCompiler

from adjudication.models.claims import ClaimStatus
from audit import clock
from config.urls import handler400, handler403, handler404, handler500  # noqa: F401
from config.urls import urlpatterns as service
from members.rules.verdicts import Verdict
from pages.forms import ChoiceList, DayField, FilesField, ManyChoices, PageForm, TextArea

PAGE = """{% extends "base.html" %}{% load i18n assize money %}
{% block title %}Parts{% endblock %}
{% block breadcrumbs %}<c-back-link href="/">Back</c-back-link>{% endblock %}
{% block caption %}Claim 12{% endblock %}{% block heading %}Every part{% endblock %}
{% block lead %}<p>Open until <c-deadline :at="soon" />.</p>{% endblock %}
{% block content %}
<c-steps :items="steps" current="3" />
<section><h2>Statuses</h2><p class="cluster">
{% for status in statuses %}<c-status :value="status" />{% endfor %}</p></section>
<section><h2>Values</h2><c-summary-list>
<c-row label="Diagnosis" change="/x" change_label="Change the diagnosis">C73</c-row><c-row label="Closed"><c-deadline :at="past" /></c-row>
</c-summary-list></section>
<c-notice title="Plain">a</c-notice><c-notice kind="good">b</c-notice><c-notice kind="warn" title="Late" level="2">c</c-notice><c-notice kind="bad">d</c-notice>
<section><h2>What happened</h2><c-timeline><c-event :at="past" title="Submitted" actor="Li">a</c-event><c-event :at="soon" title="Jury" state="now" /><c-event title="Decision" state="next">b</c-event></c-timeline></section>
<section><h2>What is to be done</h2><c-task-list><c-task label="Interview" href="/1" state="done" /><c-task label="Hospitals" href="/2" state="started">2 of 3</c-task><c-task label="Sign" state="waiting" /><c-task label="Insurers" href="/3" state="problem" /></c-task-list></section>
<section><h2>Tables</h2>
<c-table caption="Wide"><thead><tr>{% for head in heads %}<th scope="col">{{ head }}</th>{% endfor %}</tr></thead><tbody><tr>{% for head in heads %}<td class="nowrap">Long enough</td>{% endfor %}</tr></tbody></c-table>
<c-table caption="Stacked" stack="yes"><thead><tr><th scope="col">Claim</th><th scope="col" class="num">Aid</th></tr></thead><tbody><tr><th scope="row">12</th><td class="num" data-label="Aid">{{ 30000000|money:"CNY" }}</td></tr></tbody></c-table>
<c-pagination :page="page" /></section>
<section><h2>Money</h2><c-figures><c-figure label="Members" value="97,347,400">counted</c-figure><c-figure label="Each" value="3.05" /></c-figures>
<c-arithmetic caption="Each pays"><c-term label="Aid">1</c-term><c-term op="=" label="Each">1</c-term></c-arithmetic>
<c-bars caption="Months" :rows="bars" label_head="Month" value_head="Yuan" /></section>
<section><h2>Rest</h2><c-file-list :files="files" /><c-confirm-panel title="Your ballot is cast">Until <c-time :at="soon" />.</c-confirm-panel><c-details summary="Why?"><p>So.</p></c-details><c-empty title="Nothing yet">Later.</c-empty>
<div class="buttons"><c-button href="/x" kind="secondary">Other</c-button><c-act action="/x" kind="warning">Withdraw</c-act><c-button href="/x" kind="quiet">Quiet</c-button></div></section>
<section><h2>Journey</h2><c-journey current="jury_review" /></section>
<section><h2>Form</h2><c-form :form="form" cancel="/x" /></section>
{% endblock %}"""  # noqa: E501


class Everything(PageForm):
    """One field of each kind."""

    name = forms.CharField(label="Name", help_text="As in the identity card.")
    on = DayField(label="Day")
    amount = forms.IntegerField(label="Amount")
    side = forms.ChoiceField(label="Side", choices=[("a", "One"), ("b", "Other")], widget=ChoiceList, help_text="One.")
    many = forms.MultipleChoiceField(label="Many", choices=[("a", "A"), ("b", "B")], widget=ManyChoices)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "Mild"), ("b", "Severe")])
    words = forms.CharField(label="Words", widget=TextArea, required=False)
    papers = FilesField(label="Papers")
    sure = forms.BooleanField(label="It is true")


def parts(request: HttpRequest) -> HttpResponse:
    """Every part on one page; with `?bad` a form full of mistakes."""
    now = clock.now()
    form = Everything({} if "bad" in request.GET else None)
    if form.is_bound:
        form.add_error(None, "Another claim is open.")
    context = {
        "form": form,
        "soon": now + dt.timedelta(hours=3),
        "past": now - dt.timedelta(days=2),
        "steps": ["Who", "What", "Where", "Check"],
        "statuses": [*ClaimStatus, *Verdict],
        "heads": [f"Column {number}" for number in range(8)],
        "page": Paginator(range(30), 10).page(2),
        "bars": [{"label": "May", "value": 125, "shown": "1.25"}, {"label": "June", "value": 305, "shown": "3.05"}],
        "files": [SimpleNamespace(name="report.pdf", url="/f", size=2345, note="from the hospital")],
    }
    template = Template(CottonCompiler().process(PAGE))
    return HttpResponse(template.render(RequestContext(request, context)))


def broken(request: HttpRequest) -> HttpResponse:
    """A page that fails."""
    raise RuntimeError("on purpose")


urlpatterns = [path("test/parts/", parts, name="test_parts"), path("test/broken/", broken), *service]
