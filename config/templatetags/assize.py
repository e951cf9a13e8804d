"""Filters and tags that turn amounts, moments and statuses into words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.utils import formats, timezone
from django.utils.timesince import timesince
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from config.templatetags.status_words import JOURNEY, STATUS_WORDS
from members.rules.money import format_minor

register = template.Library()

_SMALLEST_UNITS = {"CNY": 2, "EUR": 2, "USD": 2, "GBP": 2, "JPY": 0}
_BAR_LENGTH = 1000


def _is_chinese() -> bool:
    return (get_language() or "").lower().startswith("zh")


def _read(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, dict) else getattr(item, name, None)


def _write_money(amount_minor: int | str | None, currency: str, exponent: int | str) -> str:
    if amount_minor in (None, ""):
        return ""
    return format_minor(int(amount_minor or 0), currency, int(exponent), get_language() or "en")


@register.filter
def money(amount_minor: int | None, source: Any) -> str:
    """An amount in minor units, in the currency of `source`: a plan (anything with `.currency`) or a currency code."""
    if isinstance(source, str):
        return _write_money(amount_minor, source, _SMALLEST_UNITS.get(source, 2))
    exponent = getattr(source, "currency_exponent", getattr(source, "exponent", None))
    currency = getattr(source, "currency", "") or ""
    return _write_money(amount_minor, currency, _SMALLEST_UNITS.get(currency, 2) if exponent is None else exponent)


@register.simple_tag(name="money")
def money_tag(amount_minor: int | None, currency: str, exponent: int | str = 2) -> str:
    """An amount in minor units with its currency code and number of decimals given."""
    return _write_money(amount_minor, currency, exponent)


def _zone_name(at: dt.datetime) -> str:
    zone = timezone.get_current_timezone_name()
    if zone in {"Asia/Shanghai", "PRC"}:
        return _("Beijing time")
    offset = at.strftime("%z")
    return "UTC" if offset in {"", "+0000"} else f"UTC{offset[:3]}:{offset[3:5]}"


@register.filter
def moment(at: dt.datetime | None) -> str:
    """A moment with date, time and zone, in the order of the page's language."""
    if not at:
        return ""
    local = timezone.localtime(at)
    written = formats.date_format(local, "Y年n月j日 H:i" if _is_chinese() else "j F Y, H:i")
    # The zone must not be torn apart at the end of a line.
    zone = _zone_name(local).replace(" ", "\xa0")
    return f"{written} {zone}"


@register.filter
def day(on: dt.date | dt.datetime | None) -> str:
    """A day, in the order of the page's language."""
    if not on:
        return ""
    local = timezone.localtime(on) if isinstance(on, dt.datetime) else on
    return formats.date_format(local, "Y年n月j日" if _is_chinese() else "j F Y")


@register.filter
def machine_time(at: dt.date | dt.datetime | None) -> str:
    """A moment or day as the `datetime` attribute of a `<time>`."""
    return at.isoformat() if at else ""


@register.filter
def is_over(at: dt.datetime | None) -> bool:
    """Whether a moment has passed."""
    return bool(at) and at <= timezone.now()  # type: ignore[operator]


def _age_of_day(on: dt.date) -> str:
    days = (timezone.localdate() - on).days
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
    now = timezone.now()
    if isinstance(value, dt.timedelta):
        return timesince(now - abs(value), now, depth=1)
    if not isinstance(value, dt.datetime):
        return _age_of_day(value)
    if abs(value - now) < dt.timedelta(minutes=1):
        return _("now")
    if value > now:
        return _("in %(time)s") % {"time": timesince(now, value, depth=1)}
    return _("%(time)s ago") % {"time": timesince(value, now, depth=1)}


@register.filter
def status_label(value: Any) -> str:
    """The word for a status, outcome, verdict or recommendation."""
    known = STATUS_WORDS.get(str(getattr(value, "value", value)))
    if known:
        return str(known[0])
    label = getattr(value, "label", None)
    return str(label) if label else str(value or "").replace("_", " ").capitalize()


@register.filter
def status_kind(value: Any) -> str:
    """The shape and colour of a status: todo, active, waiting, good, bad or closed."""
    known = STATUS_WORDS.get(str(getattr(value, "value", value)))
    return known[1] if known else "todo"


@register.filter
def text_in(value: Any, name: str = "") -> str:
    """The text for the page's language out of something with `en` and `zh`; a plain text as it is.

    With a name, the pair of fields that carry it: `plan|text_in:"title"` reads `title_en` or `title_zh`.
    """
    if value is None or isinstance(value, str):
        return value or ""
    start = f"{name}_" if name else ""
    wanted, other = ("zh", "en") if _is_chinese() else ("en", "zh")
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
def journey_steps(status: Any = "") -> list[dict[str, Any]]:
    """The six steps of a claim; with a status given, which are done and which one it is at."""
    value = str(getattr(status, "value", status) or "")
    here = next((number for number, (statuses, *_rest) in enumerate(JOURNEY) if value in statuses), None)
    steps = []
    for number, (_statuses, label, text) in enumerate(JOURNEY):
        state = "" if here is None else "done" if number < here else "now" if number == here else "next"
        steps.append({"label": label, "text": text, "state": state})
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
