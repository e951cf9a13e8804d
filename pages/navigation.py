"""A link of the main navigation, as a room declares it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class NavLink:
    """One link: its place among those of all rooms, the name of its address, and who sees it (any of `allowed`)."""

    place: int
    label: str | Promise
    url_name: str
    allowed: tuple[Callable[[Any], bool], ...]


def anybody(_user: Any) -> bool:
    """Everybody sees it, signed in or not."""
    return True
