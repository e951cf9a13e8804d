"""What a room declares about the messages it sends to people: each kind's words, and which entry of the log tells whom.

It touches no database: the outbox (members/models/messages.py) stores references, and the words are written in the
reader's language when a message is shown or sent.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from django.utils.functional import Promise

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9:/._-]{0,79}")


class ParamWrong(TypeError):
    """A message was about to be written with a value that its kind does not take: a fault in the code."""


class Param(Enum):
    """What a parameter of a message may be. None of them can hold personal data: that is read where it is kept."""

    REF = "reference"
    """An identifier of the service's own, such as `C26-7K3M9Q` or a plan's code."""
    PLAN = "plan"
    """A plan's code; its title is what is read."""
    NUMBER = "number"
    MOMENT = "moment"
    DAY = "day"

    def stored(self, name: str, value: object) -> str | int:
        """The value as JSON has it. Raises ParamWrong."""
        match self, value:
            case ((Param.REF | Param.PLAN), str()) if _REFERENCE.fullmatch(value):
                return str(value)
            case Param.NUMBER, int() if not isinstance(value, bool):
                return value
            case Param.MOMENT, dt.datetime() if value.tzinfo is not None:
                return value.isoformat()
            case Param.DAY, dt.date() if not isinstance(value, dt.datetime):
                return value.isoformat()
        raise ParamWrong(f"{name}: {value!r} is no {self.value}")

    def read(self, stored: str | int) -> str | int | dt.datetime | dt.date:
        """The value that `stored` gave."""
        if self is Param.MOMENT:
            return dt.datetime.fromisoformat(str(stored))
        if self is Param.DAY:
            return dt.date.fromisoformat(str(stored))
        return stored


class Audience(Enum):
    """Whom a kind of message is for; the order is that of the table in docs/messages.md."""

    JUROR = "juror"
    APPLICANT = "applicant"
    MEMBER = "member"
    INVESTIGATOR = "investigator"
    PROFESSIONAL = "professional juror"
    REVIEWER = "reviewer"
    LOGIN = "everybody with a log-in"


class AskedState(Enum):
    """How far what a message asks of its reader is, by what is stored now."""

    OPEN = "open"
    DONE = "done"
    OVER = "over"
    """Nobody can do it any more, or somebody else did what made it needless."""


@dataclass(frozen=True)
class Asked:
    """The act that a message asks for: how far it is, and until when it can be done now; None while no time runs."""

    state: AskedState
    due_at: dt.datetime | None = None


@dataclass(frozen=True)
class Question:
    """One message whose act is looked up: its references as they are stored, and when it was written."""

    params: Mapping[str, str | int]
    written_at: dt.datetime


@dataclass(frozen=True)
class Address:
    """The page that a message leads to: the name of its address, and the parameters that it takes, in order.

    It is only ever opened by GET, behind the log-in, and shows the act that is asked for; it never does it.
    """

    url_name: str
    params: tuple[str, ...] = ()


@dataclass(frozen=True)
class MessageKind:
    """One kind of message: its words with `%(name)s` for each parameter, and what is owed to its reader."""

    audience: Audience
    subject: str | Promise
    """No illness, person or amount: it is read on locked screens, and by mail servers on the way."""
    body: tuple[str | Promise, ...]
    """Paragraphs: what happened, what it means for the reader, what they can do and until when."""
    why: str | Promise
    """Why this person gets it, as a sentence."""
    act: str | Promise
    """The one act asked for, or the page to read, as the words of a link."""
    address: Address
    params: Mapping[str, Param] = field(default_factory=dict)
    due: str = ""
    """The parameter that holds the end of the reader's time; such a message brings a calendar file."""
    asks: str = ""
    """The act that ends `due`, by the name under which a room says how far it is (`RoomConfig.asked`)."""
    is_owed: bool = True
    """Whether the reader has a right to it: only others can be switched off."""
    is_notice: bool = False
    """Whether the reader's silence has a consequence: then it must have reached them (members/rules/serving.py)."""
    is_moot_when_due: bool = False
    """Whether it says nothing any more once `due` has passed: what was not sent by then is dropped."""
    reminds: str = ""
    """In words, when a sweep sends it, where no entry of the log stands for it: written once for what it is about."""
    is_for_reader_alone: bool = False
    """Whether nobody else may know that it was sent, as when it shows who has not voted: staff never see it listed."""
    is_to_all: bool = False
    """Whether all members of a plan are told at once: it is in the inbox, and mailed only to those who chose so."""

    lists_waiting: bool = False
    """Whether its mail lists what waits for the reader at the moment at which it is sent."""

    def stored(self, values: Mapping[str, object]) -> dict[str, str | int]:
        """The parameters as the outbox stores them. Raises ParamWrong for a missing, unknown or wrong one."""
        if values.keys() != self.params.keys():
            raise ParamWrong(f"given {sorted(values)}, expected {sorted(self.params)}")
        return {name: kind.stored(name, values[name]) for name, kind in self.params.items()}

    def read(self, stored: Mapping[str, str | int]) -> dict[str, str | int | dt.datetime | dt.date]:
        """The parameters as they were given; one that came with a later release is not among those stored before."""
        return {name: kind.read(stored[name]) for name, kind in self.params.items() if name in stored}


@dataclass(frozen=True)
class Tells:
    """That an entry of the log tells somebody: by which kind of message, and, unless always, when."""

    message: str
    when: str = ""
    """In words, where the same entry does not always tell: empty means that one without its message is a fault."""
    where: Mapping[str, object] = field(default_factory=dict)
    """The facts of the entry's body by which `when` is decided, if these alone decide it: then it is a fault, too."""

    @property
    def is_certain(self) -> bool:
        """Whether the entry alone says that somebody must have been told."""
        return bool(self.where) or not self.when

    def fits(self, body: Mapping[str, object]) -> bool:
        """Whether an entry with this body tells, as far as its body decides it."""
        return all(name in body and body[name] == value for name, value in self.where.items())


@dataclass(frozen=True)
class Silent:
    """That an entry of the log tells nobody, and why."""

    why: str
