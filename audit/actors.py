"""Who acts: a user of the service, or the service itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Actor(Protocol):
    """Who an entry names as its actor. `audit_ref` is stable and says nothing about the person, such as `user:12`."""

    @property
    def audit_ref(self) -> str:
        """The stable reference."""


@dataclass(frozen=True)
class SystemActor:
    """A part of the service that acts by rule, such as the sweep of deadlines."""

    name: str

    @property
    def audit_ref(self) -> str:
        """The stable reference."""
        return f"system:{self.name}"


SYSTEM = SystemActor("assize")
