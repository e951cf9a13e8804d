"""What a claim can wait for, as a room declares it: the sweeps act on this table, pages and docs/states.md print it.

It touches no database: `running` is asked for rows, and gives them annotated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise


class Doer(StrEnum):
    """Who must act so that the wait ends."""

    APPLICANT = "applicant"
    INVESTIGATOR = "investigator"
    INVESTIGATORS = "investigators"
    JURORS = "jurors"
    PROFESSIONALS = "professionals"
    REVIEWERS = "reviewers"
    SERVICE = "service"


@dataclass(frozen=True, kw_only=True)
class Wait:
    """One kind of wait.

    `running` gives its instances: rows of `model` with `wait_claim` (the claim's id), `wait_since`, and `wait_until`,
    which is empty where the wait has no end.
    """

    name: str
    states: Mapping[str, Sequence[str]]
    """The states in which it can run, of each machine concerned, by the machine's name."""
    title: str | Promise
    """What is waited for."""
    who: Doer
    since: str
    """From when it runs."""
    keys: Sequence[str]
    """The keys of the plan file that hold its time; none where the procedure itself sets it, as `time` then says."""
    time: str = ""
    without: str = ""
    """What holds in a version that lacks the key."""
    reminds: str
    """Who is reminded, and when."""
    then: str | Promise
    """What happens at the end."""
    repeats: str
    """How often it may run for one claim."""
    model: str
    running: Callable[[Any], Any]
    """Asked with the terms of all plan versions (`adjudication.selectors.wait_terms.Terms`)."""
    ends_by_itself: bool = False
    """Whether a sweep brings the end about; otherwise staff are told every day once the time is over."""
    reminder: str = ""
    """The kind of message that goes out once, in the last quarter of the time, where a sweep sends it by this table."""
