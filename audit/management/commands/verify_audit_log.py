"""Recomputes the log from its tables."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.rules.notes import COSIGNATURE_V1, ED25519, NoteMalformed, VerifierKey
from audit.selectors.log import configured_origin
from audit.selectors.witnesses import configured_witnesses
from audit.services.keys import configured_keys
from audit.verification.connecting import database_address
from audit.verification.watching import COSIGNED_WITHIN
from audit.verification.whole import NoSuchCheckpoint, Verified, Wanted, verify_log


class Command(BaseCommand):
    help = (
        "Recompute the whole log from its tables: entries, leaves, tiles, roots, checkpoints and all their signatures. "
        "Names the first difference and exits with 1. Exits with 2 if the tables agree with each other, but a witness "
        "refuses the log or one of AUDIT_WITNESSES has not cosigned what is older than --cosigned-within. Reads one "
        "moment of the database and changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from",
            type=int,
            default=0,
            dest="since",
            metavar="CHECKPOINT",
            help="start from the checkpoint of this size",
        )
        parser.add_argument(
            "--key",
            action="append",
            default=[],
            metavar="NAME+HASH+KEY",
            help="a key of the log that you know from elsewhere: it must have signed the last checkpoint "
            "(without: one of the keys in AUDIT_LOG_KEYS must); may be given again",
        )
        parser.add_argument(
            "--witness",
            action="append",
            default=[],
            metavar="NAME+HASH+KEY",
            help="the key of a witness that you know from elsewhere: it must have cosigned the last checkpoint "
            "(a busy log's newest is cosigned within seconds: verify again); may be given again",
        )
        parser.add_argument(
            "--cosigned-within",
            type=int,
            default=int(COSIGNED_WITHIN.total_seconds() // 60),
            metavar="MINUTES",
            help="every witness of AUDIT_WITNESSES must have cosigned the newest checkpoint older than this, or one "
            "after it (60)",
        )
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="default: one per core")

    def handle(self, *args: Any, **options: Any) -> None:
        trusted = _keys("--key", options["key"])
        wanted = Wanted(
            address=database_address(),
            origin=configured_origin(),
            since=options["since"],
            processes=options["processes"],
            trusted=trusted or tuple(key for key, _seed in configured_keys()),
            witnesses=tuple(one.key for one in configured_witnesses()),
            cosigners=_keys("--witness", options["witness"], COSIGNATURE_V1),
            within=dt.timedelta(minutes=options["cosigned_within"]),
        )
        started = time.monotonic()
        try:
            found = verify_log(wanted, self._tell if sys.stderr.isatty() else lambda _done, _size: None)
        except NoSuchCheckpoint as error:
            raise CommandError(str(error)) from None
        if found.difference:
            self.stderr.write(f"The log is not what it should be. First difference: {found.difference}")
            raise SystemExit(1)
        self.stdout.write(_summary(found, time.monotonic() - started, len(wanted.witnesses)))
        if found.refusals or found.missing:
            self._tell_what_witnesses_say(found)
            raise SystemExit(2)

    def _tell_what_witnesses_say(self, found: Verified) -> None:
        """Tables without a difference are not enough: say so before anybody reads only the last line."""
        self.stderr.write("The tables agree with each other, but this is not a log that its witnesses accept:")
        for one in (*found.refusals, *found.missing):
            self.stderr.write(f"  {one}")

    def _tell(self, done: int, size: int) -> None:
        self.stderr.write(f"\r{done:,} of {size:,}", ending="")


def _keys(option: str, texts: list[str], algorithm: int = ED25519) -> tuple[VerifierKey, ...]:
    try:
        keys = tuple(VerifierKey.parse(text) for text in texts)
    except NoteMalformed as error:
        raise CommandError(f"{option}: {error}") from None
    for key in keys:
        if key.algorithm != algorithm:
            kind = "a witness's" if algorithm == COSIGNATURE_V1 else "a log's"
            raise CommandError(f"{option}: the key of {key.name} isn't {kind}")
    return keys


def _summary(found: Verified, seconds: float, witnesses: int) -> str:
    if found.refusals or found.missing:
        verdict = "the tables agree with each other."
    elif witnesses:
        verdict = f"no difference, and every witness of the settings ({witnesses}) has cosigned."
    else:
        verdict = "no difference. No witness is configured: this says nothing against the owner of the tables."
    since = f" from leaf {found.start:,}" if found.start else ""
    return (
        f"{found.origin}: {found.size:,} entries{since} and {found.checkpoints:,} checkpoints "
        f"with {found.cosignatures:,} cosignatures verified in {seconds:.1f} s; {verdict}"
    )
