"""Days, moments and lists in the reader's language: pages, forms and errors write them alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def is_chinese() -> bool:
    """Whether the reader's language is Chinese; every other one is answered in English."""
    return (get_language() or "").lower().startswith("zh")


def moment(at: dt.datetime) -> str:
    """A moment with date, time and zone, in the order of the reader's language."""
    local = timezone.localtime(at)
    written = formats.date_format(local, "Y年n月j日 H:i" if is_chinese() else "j F Y, H:i")
    # The zone must not be torn apart at the end of a line.
    zone = _zone_name(local).replace(" ", "\xa0")
    return f"{written} {zone}"


def day(on: dt.date) -> str:
    """A day, in the order of the reader's language; of a moment, its day in the current time zone."""
    local = timezone.localtime(on) if isinstance(on, dt.datetime) else on
    return formats.date_format(local, "Y年n月j日" if is_chinese() else "j F Y")


def listed(items: Iterable[str]) -> str:
    """Several things in one sentence."""
    return ("、" if is_chinese() else ", ").join(items)


def one_after_another(sentences: Iterable[str]) -> str:
    """Whole sentences in a row."""
    return ("" if is_chinese() else " ").join(sentences)


def _zone_name(at: dt.datetime) -> str:
    zone = timezone.get_current_timezone_name()
    if zone in {"Asia/Shanghai", "PRC"}:
        return _("Beijing time")
    offset = at.strftime("%z")
    return "UTC" if offset in {"", "+0000"} else f"UTC{offset[:3]}:{offset[3:5]}"
