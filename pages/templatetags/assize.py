"""Filters and tags that turn days, moments and statuses into words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pages import words
from pages.moments import page_now
from pages.states import Shape, StateChoices

register = template.Library()

_BAR_LENGTH = 1000


def _read(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, dict) else getattr(item, name, None)


@register.filter
def moment(at: dt.datetime | None) -> str:
    """A moment with date, time and zone; nothing where there is none."""
    return words.moment(at) if at else ""


@register.filter
def day(on: dt.date | dt.datetime | None) -> str:
    """A day; nothing where there is none."""
    return words.day(on) if on else ""


@register.filter
def machine_time(at: dt.date | dt.datetime | None) -> str:
    """A moment or day as the `datetime` attribute of a `<time>`."""
    return at.isoformat() if at else ""


@register.filter
def listed(items: Iterable[Any]) -> str:
    """Several things in a row, separated as the page's language does it."""
    return words.listed(str(item) for item in items)


@register.filter
def clock_command(at: dt.datetime) -> str:
    """What the operator of a demonstration types so that this moment comes."""
    return f'make clock TO="{timezone.localtime(at):%Y-%m-%d %H:%M}"'


@register.filter
def is_over(at: dt.datetime | None) -> bool:
    """Whether a moment has passed."""
    return bool(at) and at <= page_now()  # type: ignore[operator]


def _age_of_day(on: dt.date) -> str:
    days = (timezone.localdate(page_now()) - on).days
    if days == 0:
        return _("today")
    if days > 0:
        return ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}
    return ngettext("in %(days)d day", "in %(days)d days", -days) % {"days": -days}


@register.filter
def age_of(value: dt.datetime | dt.date | dt.timedelta | None) -> str:
    """How long ago or how far ahead, in one unit; a length of time as it is."""
    if value is None or value == "":
        return ""
    now = page_now()
    if isinstance(value, dt.timedelta):
        return timesince(now - abs(value), now, depth=1)
    if not isinstance(value, dt.datetime):
        return _age_of_day(value)
    if abs(value - now) < dt.timedelta(minutes=1):
        return _("now")
    if value > now:
        return _("in %(time)s") % {"time": timesince(now, value, depth=1)}
    return _("%(time)s ago") % {"time": timesince(value, now, depth=1)}


def _state(value: Any) -> StateChoices | None:
    """A bare text is refused: two machines may use one text, and only the enum knows which of them is meant."""
    if isinstance(value, StateChoices):
        return value
    if value:
        raise TypeError(f"{value!r} is no state: give a member of its enum, or a column that reads as one")
    return None


@register.filter
def status_label(value: Any) -> str:
    """The word for a state: the label of its enum; nothing where there is no state yet."""
    state = _state(value)
    return str(state.label) if state else ""


@register.filter
def status_kind(value: Any) -> str:
    """The shape and colour of a state."""
    state = _state(value)
    return str(state.shape if state else Shape.TODO)


@register.filter
def text_in(value: Any, name: str = "") -> str:
    """The text for the page's language out of something with `en` and `zh`; a plain text as it is.

    With a name, the pair of fields that carry it: `plan|text_in:"title"` reads `title_en` or `title_zh`.
    """
    if value is None or isinstance(value, str):
        return value or ""
    start = f"{name}_" if name else ""
    wanted, other = ("zh", "en") if words.is_chinese() else ("en", "zh")
    return str(_read(value, start + wanted) or _read(value, start + other) or "")


@register.filter
def html_lang(code: str) -> str:
    """A language code as HTML writes it: `zh-hans` is `zh-Hans`."""
    main, _dash, script = str(code).partition("-")
    return f"{main}-{script.capitalize() if len(script) == 4 else script.upper()}" if script else main


@register.filter
def is_tick_box(field: BoundField) -> bool:
    """Whether a field is one tick box, whose label stands after it."""
    widget = field.field.widget
    return isinstance(widget, CheckboxInput) and not isinstance(widget, CheckboxSelectMultiple)


@register.filter
def is_choice_list(field: BoundField) -> str:
    """`one` for radio buttons, `many` for tick boxes in a group, otherwise nothing."""
    widget = field.field.widget
    if isinstance(widget, CheckboxSelectMultiple):
        return "many"
    return "one" if isinstance(widget, RadioSelect) else ""


@register.filter
def focus_id(field: BoundField) -> str:
    """The id of the first thing to fill in for a field, where the error summary's link leads."""
    return f"{field.auto_id}_0" if is_choice_list(field) else str(field.id_for_label or field.auto_id)


@register.simple_tag
def step_list(items: Iterable[Any], current: int | str) -> list[dict[str, Any]]:
    """The steps of a long form with their state: done, now or next; only steps already done are links."""
    here = int(current)
    steps = []
    for number, item in enumerate(items or [], start=1):
        state = "done" if number < here else "now" if number == here else "next"
        is_text = not isinstance(item, dict) and not hasattr(item, "label")
        label = item if is_text else _read(item, "label")
        url = "" if is_text or state != "done" else _read(item, "url")
        steps.append({"label": label, "url": url or "", "state": state})
    return steps


@register.simple_tag
def bar_rows(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """The rows of a bar chart with the length of each bar in thousandths of the longest."""
    values = [(row, max(0, int(_read(row, "value") or 0))) for row in rows or []]
    longest = max([value for _row, value in values] + [1])
    return [
        {
            "label": _read(row, "label"),
            "shown": _read(row, "shown") or value,
            "length": value * _BAR_LENGTH // longest,
        }
        for row, value in values
    ]
