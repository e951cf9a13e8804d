"""What an adapter of a channel does: hand one message over, and say what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from members.models import Delivery


class ChannelAway(Exception):
    """Nobody answers at the other end, or it is too busy: nothing was handed over, and all others wait as well."""


class TryLater(Exception):
    """The other end asks for another try of this one message; `code` is its answer, such as 451."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Refused(Exception):
    """The other end will never take this one message; `code` is its answer, such as 550 or `no-address`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotKnown(Exception):
    """The exchange broke after the message had gone out: nobody knows whether it was taken."""


class Adapter(Protocol):
    """One way out of the service."""

    def hand_over(self, delivery: Delivery) -> None:
        """Hand it over whole; returning means that the other end took responsibility for it.

        Raises ChannelAway, TryLater, Refused, NotKnown. Any other exception counts as NotKnown.
        """


@dataclass(frozen=True)
class ChannelReport:
    """What the service behind a channel says later about one delivery."""

    token: uuid.UUID
    says: str
    """`arrived`, `bounced`, or `delayed` for what is no end and for what is not understood."""
    code: str = ""


@runtime_checkable
class Reporting(Protocol):
    """An adapter whose service reports what became of what it took."""

    def reports(self) -> Iterator[ChannelReport]:
        """Each report that was not read before; when the next one is asked for, this one is recorded.

        Raises OSError, ChannelAway.
        """
