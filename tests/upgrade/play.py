"""One carried-over database, looked at, played to its end and looked at again: a process as any of the service's.

    python -m tests.upgrade.play REPORT.json

It runs as the role of the service, on the database and files that the environment names, and writes what it saw.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import django

GAINS_KEYS = "/api/v1/plan-versions/"


def main(report: Path) -> None:
    """Play, and write the report; an error that stops the play is in it, so that its reader sees everything else."""
    django.setup()
    from config.celery import app

    app.loader.import_default_modules()
    from tests.upgrade import playing, walking

    found: dict[str, Any] = {"published": published(json.loads(sys.stdin.read())), "before": census()}
    started = time.monotonic()
    with playing.faults_kept() as faults:
        first = walking.walk("en")
        play = playing.Play()
        try:
            play.run()
        except Exception as error:
            found["stopped"] = f"{type(error).__name__}: {error}"
            if not isinstance(error, playing.Stuck):
                raise
        from audit import clock

        found["days"] = (clock.now() - play.began_at).days
        last = walking.walk("zh-hans")
    found |= {
        "rounds": play.rounds,
        "seconds": round(time.monotonic() - started),
        "still_open": playing.still_open(),
        "faults": faults.texts,
        "walks": [
            {"asked": walk.asked, "statuses": walk.statuses, "faults": walk.faults, "shown": walk.shown}
            for walk in (first, last)
        ],
        "after": census(),
        "ledger": ledger_sums(),
        "periods_that_hold": periods_that_hold(),
        "verification": verification(),
    }
    report.write_text(json.dumps(found, ensure_ascii=False, indent=1))


def census() -> dict[str, dict[str, int]]:
    """How many rows there are of each kind, by state."""
    from adjudication.models import Claim
    from allocation.models import Arrear, Payout, Period, Refund
    from audit.models import Checkpoint, Entry
    from jury.models import OpinionRequest, Panel
    from members.models import Membership

    models: list[Any] = [Claim, Panel, OpinionRequest, Period, Payout, Arrear, Refund]
    found = {
        model.__name__.lower(): dict(Counter(model.objects.order_by().values_list("status", flat=True)))
        for model in models
    }
    found["membership"] = dict(Counter(Membership.objects.order_by().values_list("end_reason", flat=True)))
    found["log"] = {"entries": Entry.objects.count(), "checkpoints": Checkpoint.objects.count()}
    return found


def published(known: list[dict[str, Any]]) -> list[str]:
    """The addresses whose answer differs from what the old release gave."""
    from django.test import Client

    client, different = Client(), []
    for one in known:
        answer = client.get(one["path"], headers={"host": "localhost"})
        content = answer.getvalue()
        if answer.status_code == 200 and is_kept(one, content):
            continue
        now = content.decode(errors="replace")[:3000]
        different.append(f"{one['path']}: {answer.status_code}\n  then {(one['text'] or '')[:3000]}\n  now  {now}")
    return different


def is_kept(then: dict[str, Any], now: bytes) -> bool:
    """Whether an answer is the old one, to the byte; of a plan version, whether it still says everything that it said.

    The rules of a version are told with every key, whenever the key came; what the digest is taken of stands beside.
    """
    if not then["path"].startswith(GAINS_KEYS):
        return hashlib.sha256(now).hexdigest() == then["sha256"]
    before, after = json.loads(then["text"]), json.loads(now)
    canonical = after["canonical"]
    # A release that did not tell it apart told the canonical rules themselves.
    of_the_release = json.loads(before["canonical"]) if "canonical" in before else before["rules"]
    return (
        holds(before, after)
        and json.loads(canonical) == of_the_release
        and hashlib.sha256(canonical.encode()).hexdigest() == before["digest"]
    )


def holds(before: Any, after: Any) -> bool:
    """Whether every fact is there unchanged; only keys may have come."""
    if isinstance(before, dict) and isinstance(after, dict):
        return all(name in after and holds(value, after[name]) for name, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(holds, before, after))
    return bool(before == after)


def ledger_sums() -> dict[str, int]:
    """The sum of all postings of each plan: zero."""
    from django.db.models import Sum

    from allocation.models import Posting

    sums = Posting.objects.order_by().values("transaction__plan__code").annotate(total=Sum("amount_minor"))
    return {row["transaction__plan__code"]: row["total"] for row in sums}


def periods_that_hold() -> dict[str, bool]:
    """Whether each period adds up to the unit, recomputed from its rows."""
    from allocation.models import Period
    from allocation.selectors.periods import allocation_of

    return {str(period): allocation_of(period).conserves() for period in Period.objects.order_by("pk")}


def verification() -> str:
    """What `verify_audit_log` says of the whole log after its last entries are signed."""
    from django.core.management import CommandError, call_command

    from audit.services import publish

    publish()
    out = io.StringIO()
    try:
        call_command("verify_audit_log", stdout=out, stderr=out)
    except CommandError as error:
        return f"refused: {error}\n{out.getvalue()}"
    return out.getvalue()


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main(Path(sys.argv[1]))
