"""The page parts: what each draws, in words and not by colour alone."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator
from django.test import RequestFactory

from adjudication.models.claims import ClaimStatus
from audit import clock
from tests.pages.drawing import draw


@pytest.mark.parametrize(
    ("template", "part"),
    [
        ('<c-status :value="state" />', '<span class="status good">Approved</span>'),
        ('<c-status kind="bad">Late</c-status>', '<span class="status bad">Late</span>'),
        ('<c-back-link href="/all">All</c-back-link>', '<a class="back-link" href="/all">All</a>'),
        ('<c-money minor="1250" currency="CNY" exponent="2" />', '<span class="money">¥12.50</span>'),
        ('<c-button kind="secondary" href="/x">Go</c-button>', '<a class="button secondary" href="/x">Go</a>'),
        ('<c-button name="act" value="send">Send</c-button>', 'type="submit" name="act" value="send">Send</button>'),
        ('<c-notice kind="warn">Late</c-notice>', '<span class="visually-hidden">Warning:</span>'),
        ('<c-notice title="T" level="2">x</c-notice>', '<h2 class="notice-title">T</h2>'),
        ('<c-empty title="Nothing">Later.</c-empty>', "<p>Later.</p>"),
        ('<c-details summary="More">x</c-details>', "<summary>More</summary>"),
        ('<c-task label="Sign" state="waiting" />', "Cannot start yet"),
        ('<c-task label="Sign" href="/s" state="done" />', '<a href="/s">Sign</a>'),
        ('<c-event title="Decision" state="next">x</c-event>', "Still to come:"),
        ('<c-event title="Vote" state="now">x</c-event>', 'aria-current="step"'),
        ('<c-figure label="Members" value="12" />', '<dt>Members</dt><dd class="value">12</dd>'),
        ('<c-term op="=" label="Each">1.25</c-term>', 'class="total"'),
        ('<c-confirm-panel title="Cast">x</c-confirm-panel>', '<p class="confirm-title">Cast</p>'),
        ('<c-row label="Hospital" change="/h">Ruijin</c-row>', '<span class="visually-hidden"> Hospital</span>'),
        ('<c-journey current="paid" />', 'aria-current="step"><strong>It is published, shared and paid'),
    ],
)
def test_a_part_draws_its_words(template: str, part: str) -> None:
    assert part in draw(template, state=ClaimStatus.APPROVED)


def test_a_part_takes_nothing_from_around_it_that_it_was_not_given() -> None:
    outer = {"kind": "bad", "title": "Outer", "state": "now"}
    html = draw('<c-notice>calm</c-notice><c-back-link href="/x">b</c-back-link>', **outer)
    assert 'class="notice info"' in html
    assert "Outer" not in html


def test_values_are_never_read_as_html() -> None:
    evil = '"><script>alert(1)</script>'
    html = draw(
        '<c-row label="{{ evil }}">{{ evil }}</c-row><c-table caption="{{ evil }}"></c-table>'
        '<c-event :title="evil" :actor="evil" at="" /><c-figure :label="evil" :value="evil" />'
        '<c-status :kind="evil">{{ evil }}</c-status><c-file-list :files="files" />'
        '<c-button href="{{ evil }}">x</c-button>',
        evil=evil,
        files=[{"name": evil, "url": evil, "note": evil}],
    )
    assert "<script" not in html
    assert '""' not in html.replace('class=""', "")


def test_a_table_scrolls_in_a_region_that_the_keyboard_reaches() -> None:
    html = draw('<c-table caption="Claims" stack="yes"><tbody></tbody></c-table>')
    assert 'role="region" aria-label="Claims" tabindex="0"' in html
    assert '<table class="stacks">' in html
    assert "<caption>Claims</caption>" in html


def test_an_act_is_a_post_with_its_token() -> None:
    html = draw(
        '<c-act action="/take/1" kind="warning">Take<c-slot name="fields"><input name="n"></c-slot></c-act>',
        csrf_token="token",
    )
    assert '<form method="post" action="/take/1">' in html
    assert 'value="token"' in html
    assert '<input name="n">' in html
    assert '<button class="button warning" type="submit">Take</button>' in html


@pytest.mark.django_db
def test_a_deadline_says_how_long_is_left_and_then_that_it_is_closed() -> None:
    ahead, past = clock.now() + dt.timedelta(hours=5, minutes=1), clock.now() - dt.timedelta(days=2, minutes=1)
    assert "(in 5\xa0hours)" in draw('<c-deadline :at="at" />.', at=ahead)
    assert draw('<c-deadline :at="at" />.', at=past).endswith("(closed 2\xa0days ago)</span></span>.")
    assert draw('<c-deadline :at="at" />', at=None) == ""


def test_pages_keep_the_other_parameters_and_end_at_both_ends() -> None:
    paginator = Paginator(range(30), 10)
    request = RequestFactory().get("/", {"status": "paid", "page": "1"})
    first = draw('<c-pagination :page="page" />', page=paginator.page(1), request=request)
    assert "?status=paid&amp;page=2" in first
    assert "Previous" not in first
    assert "Page 1 of 3" in first
    assert "Next" not in draw('<c-pagination :page="page" />', page=paginator.page(3), request=request)
    single = Paginator(range(3), 10).page(1)
    assert draw('<c-pagination :page="page" />', page=single, request=request).strip() == ""


def test_a_chart_is_a_table_that_can_be_read_without_the_drawing() -> None:
    rows = [
        SimpleNamespace(label="May", value=125, shown="1.25"),
        SimpleNamespace(label="June", value=250, shown="2.50"),
    ]
    html = draw('<c-bars caption="Per head" :rows="rows" label_head="Month" value_head="Yuan" />', rows=rows)
    assert '<th scope="row">May</th>' in html
    assert '<td class="num">1.25</td>' in html
    assert 'width="500"' in html
    assert 'aria-hidden="true"' in html


def test_parts_inside_parts_draw_in_order() -> None:
    html = draw(
        '<c-timeline><c-event title="One">a <c-status :value="state" /></c-event>'
        '<c-event title="Two">b</c-event></c-timeline>',
        state=ClaimStatus.PAID,
    )
    assert html.index("One") < html.index("Paid") < html.index("Two")
    assert html.count("<li") == 2
