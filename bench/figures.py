"""Turns durations into figures: median, 95th percentile, ratios."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Spread:
    """One thing measured many times, in milliseconds."""

    runs: int
    median_ms: float
    p95_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Spread:
        """The spread of durations in seconds. Raises ValueError for none."""
        if not seconds:
            raise ValueError("nothing was measured")
        ordered = sorted(seconds)
        p95 = ordered[math.ceil(0.95 * len(ordered)) - 1]
        return cls(len(ordered), round(statistics.median(ordered) * 1000, 3), round(p95 * 1000, 3))

    def as_json(self) -> dict[str, float]:
        """Plain data."""
        return asdict(self)


def ratio(of: float, to: float) -> float:
    """`of` divided by `to`, rounded to two places."""
    return round(of / to, 2)


def clocked(act: Callable[[], object]) -> float:
    """How many seconds an act takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
