"""States with their words: the label of a member is its word on every page, and its shape stands beside it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models.enums import TextChoices


class Shape(StrEnum):
    """The shape and colour of a state, as the stylesheet draws them."""

    TODO = "todo"
    ACTIVE = "active"
    WAITING = "waiting"
    GOOD = "good"
    BAD = "bad"
    CLOSED = "closed"


class StateChoices(TextChoices):
    """The base of every enum of states, outcomes, results and verdicts; members are `value, shape, label`.

    It touches no database, so that rules may use it.
    """

    shape: Shape

    if not TYPE_CHECKING:  # a checker would take the second argument for one of `ClaimStatus("paid")` as well

        def __new__(cls, value: str, shape: Shape) -> StateChoices:
            """Made of what Django leaves after it has taken the label away."""
            member = str.__new__(cls, value)
            member._value_ = value
            member.shape = Shape(shape)
            return member

    @property
    def in_sentence(self) -> str:
        """The label in the middle of a sentence: English begins it in lower case."""
        label = str(self.label)
        return label[:1].lower() + label[1:]
