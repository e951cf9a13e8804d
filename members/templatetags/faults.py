"""What a delivery's fault means, in words; the code itself stays beside it for the operator."""

from __future__ import annotations

import re

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

_OWN: dict[str, str | Promise] = {
    "no-address": _("no address is known"),
    "bad-address": _("the address cannot be written to"),
    "no-phone": _("no phone number is known"),
    "killed": _("the worker was stopped while it sent it"),
}
_ENHANCED: tuple[tuple[str, str | Promise], ...] = (
    (r"5\.1\.\d+|550|551|553", _("there is no such mailbox")),
    (r"5\.2\.\d+|552", _("the mailbox is full or closed")),
    (r"5\.7\.\d+|554", _("the other mail server refuses our mail")),
    (r"4\.\d+\.\d+|4\d\d", _("the other mail server asks us to try later")),
    (r"5\.\d+\.\d+|5\d\d", _("the other mail server refused it")),
)
"""By RFC 3463 and, where a server gives no such code, RFC 5321; the first that fits."""


@register.filter
def fault_words(fault: str) -> str:
    """What a fault means; empty for none."""
    if not fault or fault in _OWN:
        return str(_OWN.get(fault, ""))
    found = next((words for pattern, words in _ENHANCED if re.fullmatch(pattern, fault)), None)
    return str(found or _("the connection failed"))
