"""Run one measurement in this process and print its figures as JSON, one line each time some are taken."""

from __future__ import annotations

import argparse
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

import django

MEASUREMENTS = ("ballot", "closing", "worklist", "acts", "log", "import", "split", "lookups")


def main() -> None:
    """`python -m bench WHAT [--sizes N ...] --runs N`, where `bench` and `bench_members` say."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("what", choices=MEASUREMENTS)
    parser.add_argument("--sizes", type=int, nargs="*", default=[])
    parser.add_argument("--runs", type=int, required=True)
    given = parser.parse_args()
    django.setup()
    for found in _taken(given.what, given.sizes, given.runs):
        found["peak_mib"] = _peak_mib(resource.RUSAGE_SELF)
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


def _taken(what: str, sizes: list[int], runs: int) -> Iterator[dict[str, Any]]:
    # Imported only here, after django.setup(): the measurements need the apps.
    from bench import ballot, closing, importing, log, lookups, worklist

    if what == "ballot":
        yield ballot.measure(runs) | {"server_peak_mib": _peak_mib(resource.RUSAGE_CHILDREN)}
    elif what == "closing":
        yield {"sizes": closing.measure(sizes, runs)}
    elif what == "acts":
        yield log.acts(runs)
    elif what == "log":
        yield log.of_length(sizes[0])
    elif what == "import":
        yield importing.measure(sizes[0], runs)
    elif what == "split":
        yield importing.split(sizes[0])
    elif what == "lookups":
        found: list[dict[str, Any]] = []
        for size in lookups.measure(sizes, runs):
            found.append(size)
            yield {"sizes": found}
    else:
        yield worklist.measure(sizes[0], runs)


def _peak_mib(who: int) -> float:
    """The most memory that was resident at once; Linux counts in KiB, macOS in bytes."""
    unit = 1024 if sys.platform == "darwin" else 1
    return round(resource.getrusage(who).ru_maxrss / unit / 1024, 1)


if __name__ == "__main__":
    main()
