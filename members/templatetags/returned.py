"""Whether mails to a reader come back."""

from __future__ import annotations

import datetime as dt

from django import template

from members.access import AnyUser
from members.selectors.returned import mails_come_back_since as since

register = template.Library()


@register.simple_tag
def mails_come_back_since(user: AnyUser) -> dt.datetime | None:
    """Since when mails to this user's present address come back; None while they do not."""
    return since(user)
