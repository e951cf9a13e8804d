"""Keys that came into plan files after versions had been published: what those versions meant without them.

A file that is published now needs every key. A published version never changes, and its text is read as it stands; what
it did not say is what the service did then.
"""

from __future__ import annotations

from typing import Any


def with_later_keys(content: dict[str, Any]) -> None:
    """Put in what a version of an older release lacks; what it says itself stays."""
    jury = content.get("jury")
    if isinstance(jury, dict):
        jury.setdefault("answer_days", 15 if jury.get("policy") == "disputed" else "none")
    money, dissolution = content.get("money"), content.get("dissolution")
    if not isinstance(money, dict) or not isinstance(dissolution, dict):
        return
    has_threshold = dissolution.get("below_members") != "none"
    borne = {
        "case_cap_excess": money.get("case_cap_per_head") != "none",
        "annual_cap_excess": money.get("annual_cap_per_member") != "none",
        "gifts": True,
        "refunds": True,
        "written_off": True,
        "after_dissolution": has_threshold,
    }
    money.setdefault("share_unit", _smallest_unit(content.get("currency_exponent")))
    money.setdefault("share_rounding", "up")
    name = {"en": "The sponsor", "zh": "发起方"}
    content.setdefault("sponsor", {"name": name, "bears": [word for word, is_borne in borne.items() if is_borne]})
    # The real plans contradict each other; without a word on it, nobody's cover ends at once.
    dissolution.setdefault("then", "continues" if has_threshold else "none")
    dissolution.setdefault("cover_months", 12 if dissolution["then"] == "continues" else "none")
    dissolution.setdefault("surplus_to", "members")
    dissolution.setdefault("charity", "none")


def _smallest_unit(exponent: Any) -> str:
    """One minor unit, as a file writes an amount."""
    return f"0.{1:0{exponent}d}" if isinstance(exponent, int) and 0 < exponent <= 4 else "1"
