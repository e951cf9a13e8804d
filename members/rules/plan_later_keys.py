"""Keys that came into plan files after versions had been published, and what those versions mean without them.

A plan file has a format: a whole number, 1 where the file does not say. It needs every key of its format and may have
none of a later one. A published version never changes: its text is read as it stands, a key that came later means what
the service did before that key existed, and the canonical form, of which the digest is taken, has no trace of it.

To add a key, declare it here with the next format and read it in `plan_toml.py` (docs/plans.md, To add a key);
`plan_formats.py` does the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Content = dict[str, Any]
"""The top table of a plan file: whatever its author wrote, right or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterKey:
    """A key that came after versions had been published."""

    path: str
    """The key as a file names it: `jury.answer_days`. A key of every entry of a list: `opinions.questions.bears_on`."""
    kept_as: str
    """Its place in `PlanRules`, which is also its place in the canonical form: `join.ways_in` for `joining.from`."""
    format: int
    """The first format that has it."""
    means: Callable[[Content], Any] | None
    """What the service did before the key existed, written as in a file; asked with the whole content, in the order of
    `LATER_KEYS`. None: the key may be left out, and is then read as absent."""
    came_with: str = ""
    """For a key that may be left out but stands in the canonical form all the same (as an empty list): a required key
    that came at the same time. A text that lacks that one too is older than both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPlace:
    """A value that stood at the top of the canonical form, under another name, before a later key gave it a table."""

    kept_as: str
    stood_as: str
    without: str
    """The later key (its `kept_as`) that such texts lack."""


def _table(content: Content, name: str) -> Content:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _bears(content: Content) -> list[str]:
    """What fell on the sponsor before a plan could say so: whatever the plan leaves uncovered, and gifts."""
    money, dissolution = _table(content, "money"), _table(content, "dissolution")
    borne = {
        "case_cap_excess": money.get("case_cap_per_head") != "none",
        "annual_cap_excess": money.get("annual_cap_per_member") != "none",
        "gifts": True,
        "refunds": True,
        "written_off": True,
        "after_dissolution": dissolution.get("below_members") != "none",
    }
    return [word for word, is_borne in borne.items() if is_borne]


def _smallest_unit(content: Content) -> str:
    """One minor unit, as a file writes an amount."""
    exponent = content.get("currency_exponent")
    return f"0.{1:0{exponent}d}" if isinstance(exponent, int) and 0 < exponent <= 4 else "1"


def _then(content: Content) -> str:
    """The real plans contradict each other; where nothing is said, nobody's cover ends at once."""
    return "none" if _table(content, "dissolution").get("below_members") == "none" else "continues"


def _cover_months(content: Content) -> int | str:
    return 12 if _table(content, "dissolution").get("then") == "continues" else "none"


def _answer_days(content: Content) -> int | str:
    return 15 if _table(content, "jury").get("policy") == "disputed" else "none"


WAITS = (
    "take_days",
    "overdue_days",
    "returns_to_same",
    "hold_days",
    "decide_days",
    "note_days",
    "no_jurors_days",
    "no_doctor_days",
)
"""The keys of the table of waits: without them nothing ends by itself, as before, and staff are told every day; but a
hold ends after `HOLD_DAYS` (decision 35)."""

LATER_KEYS = (
    LaterKey(path="money.share_unit", kept_as="share_unit_minor", format=1, means=_smallest_unit),
    LaterKey(path="money.share_rounding", kept_as="share_rounding", format=1, means=lambda _content: "up"),
    LaterKey(
        path="sponsor",
        kept_as="sponsor",
        format=1,
        means=lambda content: {"name": {"en": "The sponsor", "zh": "发起方"}, "bears": _bears(content)},
    ),
    LaterKey(path="dissolution.then", kept_as="dissolution.then", format=1, means=_then),
    LaterKey(path="dissolution.cover_months", kept_as="dissolution.cover_months", format=1, means=_cover_months),
    LaterKey(
        path="dissolution.surplus_to", kept_as="dissolution.surplus_to", format=1, means=lambda _content: "members"
    ),
    LaterKey(path="dissolution.charity", kept_as="dissolution.charity", format=1, means=lambda _content: "none"),
    LaterKey(path="joining.from", kept_as="join.ways_in", format=1, means=None, came_with="money.share_unit"),
    LaterKey(path="opinions.questions.bears_on", kept_as="opinions.questions.bears_on", format=1, means=None),
    LaterKey(path="jury.answer_days", kept_as="jury.answer_days", format=1, means=_answer_days),
    LaterKey(path="claims.binding", kept_as="claims.binding", format=2, means=lambda _content: []),
    LaterKey(path="opinions.sees_papers", kept_as="opinions.sees_papers", format=2, means=lambda _content: False),
    LaterKey(path="covered.asks", kept_as="covered.asks", format=3, means=None),
    LaterKey(path="joining.closed_from", kept_as="join.closed_from", format=3, means=lambda _content: "none"),
    LaterKey(path="money.free_joined_before", kept_as="free_joined_before", format=3, means=lambda _content: "none"),
    LaterKey(path="money.free_until", kept_as="free_until", format=3, means=lambda _content: "none"),
    LaterKey(
        path="past_age",
        kept_as="past_age",
        format=3,
        means=lambda _content: {
            "then": "none",
            "warn_days": "none",
            "ends_after_days": "none",
            "senior_plan": "none",
        },
    ),
    LaterKey(path="waits", kept_as="waits", format=3, means=lambda _content: dict.fromkeys(WAITS, "none")),
)
"""In the order in which they came. Those of format 1 came before formats were numbered: only the text of a version
that is published may lack them."""

EARLIER_PLACES = (
    EarlierPlace(kept_as="dissolution.below_members", stood_as="dissolution_below_members", without="dissolution.then"),
)

CURRENT_FORMAT = max(key.format for key in LATER_KEYS)
