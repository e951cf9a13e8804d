"""What earlier releases published: texts of plan files, each with the digest that its release stored.

`scripts/published_plans.py COMMIT` adds those of a release; nothing is ever removed.
"""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass
from functools import cache
from pathlib import Path

KEPT = Path(__file__).with_name("published_plans.json.xz")


@dataclass(frozen=True)
class PublishedPlan:
    """One file as one release published it."""

    commit: str
    file: str
    digest: str
    text: str

    def __str__(self) -> str:
        return f"{self.commit}-{self.file.removesuffix('.toml')}"


@cache
def published_plans() -> tuple[PublishedPlan, ...]:
    """Every text that a release has published, oldest first."""
    return tuple(PublishedPlan(**one) for one in json.loads(lzma.decompress(KEPT.read_bytes())))
