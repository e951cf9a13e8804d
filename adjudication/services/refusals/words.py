"""Days and moments inside a sentence."""

from __future__ import annotations

import datetime as dt

from django.utils import formats, timezone


def day(on: dt.date) -> str:
    """A day as everybody reads it alike."""
    return formats.date_format(on, "Y-m-d")


def moment(at: dt.datetime) -> str:
    """A moment in the service's own time zone."""
    return formats.date_format(timezone.localtime(at), "Y-m-d H:i")
