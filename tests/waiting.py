"""Waiting until something is so, in one place: by a limit that only a test which fails ever reaches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 120


def until(
    holds: Callable[[], Any],
    what: str,
    patience_seconds: float = PATIENCE_SECONDS,
    told: Callable[[], str] | None = None,
) -> float:
    """Ask until it is so; returns how many seconds it took. What did not happen, and what `told` says, is the failure.

    A page is asked by `page.evaluate`: the service's pages forbid `eval`, by which Playwright's own waiting for a
    condition asks.
    """
    began = time.monotonic()
    while not holds():
        passed = time.monotonic() - began
        assert passed < patience_seconds, f"waited {patience_seconds} s, but not yet: {what}" + (
            f"\n{told()}" if told else ""
        )
        time.sleep(0.05)
    return time.monotonic() - began
