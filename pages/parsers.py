"""How the API reads a body."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class TextParser(JSONParser):
    """JSON in whole characters: an escape may stand for half of one (RFC 8259, 8.2), which nothing can store."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """The body. Raises ParseError."""
        body = super().parse(*args, **kwargs)
        try:
            json.dumps(body, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ParseError(
                _("A text in the body has half a character (a lone surrogate). Send whole ones.")
            ) from None
        return body
