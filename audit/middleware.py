"""Answers that are the same for everybody."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_MARK = "is_same_for_everybody"
_PERSONAL = ("Vary", "Content-Language")


def same_for_everybody(response: HttpResponse) -> HttpResponse:
    """Mark an answer that depends on nothing but its address."""
    setattr(response, _MARK, True)
    return response


class SameForEverybody:
    """Removes from a marked answer what other middleware adds for person and language, so that caches may keep it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, then clean."""
        response = self.get_response(request)
        if getattr(response, _MARK, False):
            response.cookies.clear()
            for name in _PERSONAL:
                if name in response:
                    del response[name]
        return response
