"""Run one measurement in this process and print its figures as one line of JSON."""

from __future__ import annotations

import argparse
import json
import resource
import sys

import django


def main() -> None:
    """`python -m config.bench WHAT [--sizes N ...] --runs N`, where `bench` and `bench_members` say."""
    parser = argparse.ArgumentParser(prog="config.bench")
    parser.add_argument("what", choices=["ballot", "closing", "worklist", "log", "import", "split", "lookups"])
    parser.add_argument("--sizes", type=int, nargs="*", default=[])
    parser.add_argument("--runs", type=int, required=True)
    given = parser.parse_args()
    django.setup()
    # Only now: the measurements need the apps.
    from config.bench import ballot, closing, importing, log, lookups, worklist

    if given.what == "ballot":
        found = ballot.measure(given.runs)
        found["server_peak_mib"] = _peak_mib(resource.RUSAGE_CHILDREN)
    elif given.what == "closing":
        found = {"sizes": closing.measure(given.sizes, given.runs)}
    elif given.what == "log":
        found = log.measure(given.sizes[0], given.runs)
    elif given.what == "import":
        found = importing.measure(given.sizes[0], given.runs)
    elif given.what == "split":
        found = importing.split(given.sizes[0])
    elif given.what == "lookups":
        found = lookups.measure(given.sizes, given.runs)
    else:
        found = worklist.measure(given.sizes[0], given.runs)
    found["peak_mib"] = _peak_mib(resource.RUSAGE_SELF)
    sys.stdout.write(json.dumps(found) + "\n")


def _peak_mib(who: int) -> float:
    """The most memory that was resident at once; Linux counts in KiB, macOS in bytes."""
    unit = 1024 if sys.platform == "darwin" else 1
    return round(resource.getrusage(who).ru_maxrss / unit / 1024, 1)


if __name__ == "__main__":
    main()
