"""The address to which a mail bounces: it names the delivery, and nobody can make one up for another delivery.

The names of deliveries stand in the Message-ID of every mail, so they are no secret. The code behind the name is: a
bounce to an address without the right code says nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from email.utils import parseaddr

from django.conf import settings

_ADDRESS = re.compile(r"bounce\+([0-9a-f]{32})\.([0-9a-f]{20})@([a-z0-9.-]+)")
_CODE_DIGITS = 20


def return_address(token: uuid.UUID) -> str:
    """Where the mail of the delivery with this token comes back to."""
    return f"bounce+{token.hex}.{_code(token, settings.SECRET_KEY)}@{settings.MAIL_DOMAIN}"


def token_of(address: str) -> uuid.UUID | None:
    """The delivery that a return address names; None for any other address, and for one with a wrong code."""
    found = _ADDRESS.fullmatch(parseaddr(address)[1].strip().lower())
    if found is None or found.group(3) != settings.MAIL_DOMAIN.lower():
        return None
    token = uuid.UUID(found.group(1))
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return token if any(hmac.compare_digest(_code(token, key), found.group(2)) for key in keys) else None


def _code(token: uuid.UUID, key: str) -> str:
    content = b"members.return_address:" + token.bytes
    return hmac.new(key.encode(), content, hashlib.sha256).hexdigest()[:_CODE_DIGITS]
