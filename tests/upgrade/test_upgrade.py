"""The database of each earlier release, with everything unfinished in it, is migrated and played to its end.

The dump is restored as an operator would restore a backup, prepared by the real `prepare_run`, and played by a process
that connects as the role of the service. What the play saw is asserted here, fact by fact.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from members.rules.plans import parse_plan
from tests.upgrade.restoring import Release, Restored, releases, restored

BASE = Path(__file__).parents[2]
_VERSIONS = "select v.id, v.label, v.digest, v.source from members_planversion v order by v.id"
_CHECKPOINTS = "select size, encode(root, 'hex'), note from audit_checkpoint order by size"
_LOG = (
    "select id, kind, stream, actor, body::text, recorded_at, encode(leaf, 'hex') from audit_entry "
    "where id <= %s order by id"
)


@dataclass(frozen=True)
class Played:
    """A release after its play: what it held before the upgrade, what the play saw, and the database as it is now."""

    release: Release
    database: Restored
    versions: list[tuple[Any, ...]]
    checkpoints: list[tuple[Any, ...]]
    entries: list[tuple[Any, ...]]
    saw: dict[str, Any]


@pytest.fixture(scope="module", params=releases(), ids=lambda release: release.folder.name)
def played(
    request: pytest.FixtureRequest, embedded_servers: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    release: Release = request.param
    var = tmp_path_factory.mktemp("upgraded")
    with restored(release, var) as database:
        last = database.value("select max(id) from audit_entry")
        before = database.rows(_VERSIONS), database.rows(_CHECKPOINTS), database.rows(_LOG, last)
        run(database, "-m", "tests.upgrade.upgrading")
        report = var / "report.json"
        run(database, "-m", "tests.upgrade.play", str(report), given=json.dumps(release.published))
        yield Played(release, database, *before, json.loads(report.read_text()))


def run(database: Restored, *command: str, given: str = "") -> None:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=BASE,
        env=database.environ,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}"


def test_the_release_held_everything_that_can_be_unfinished(played: Played) -> None:
    """A fixture that lost one of these would let an upgrade break it unseen."""
    held = played.saw["before"]
    assert held["claim"].keys() >= {
        "submitted", "under_investigation", "investigated", "jury_review", "second_opinion", "approved", "paid",
        "rejected", "withdrawn",
    }  # fmt: skip
    assert held["panel"].keys() >= {"committed", "open", "closed"}
    assert held["opinionrequest"].keys() >= {"open", "closed"}
    assert held["period"].keys() >= {"noticed", "charged", "settled"}
    assert held["payout"].keys() >= {"pending", "sent", "unknown", "settled"}
    assert held["arrear"]["owed"] > 1
    # The corrected plan files are not published over what the release has, which is said once for each.
    last = played.entries[-1][0]
    kept = played.database.value("select count(*) from audit_entry where kind = 'plan_version.kept' and id > %s", last)
    assert held["log"]["entries"] == played.release.about["entries"] + kept
    assert kept == len(corrected_since(played))


def corrected_since(played: Played) -> set[tuple[str, str]]:
    """The versions of the release whose shipped files say something else by now."""
    files = [path.read_text(encoding="utf-8") for path in sorted(Path(settings.PLAN_FILES).glob("*.toml"))]
    shipped = {(rules.code, rules.version): rules.digest for rules in (parse_plan(text, "shipped") for text in files)}
    held = {(tomllib.loads(source)["code"], label): digest for _pk, label, digest, source in played.versions}
    return {one for one, digest in held.items() if shipped.get(one, digest) != digest}


def test_every_claim_period_and_payment_ends(played: Played) -> None:
    assert played.saw.get("stopped") is None
    assert played.saw["still_open"] == {}
    assert played.saw["after"]["claim"].keys() <= {"paid", "rejected", "withdrawn"}
    assert played.saw["after"]["period"].keys() == {"settled"}
    assert played.saw["after"]["payout"].keys() == {"settled"}


def test_no_task_and_no_page_logs_an_error(played: Played) -> None:
    assert played.saw["faults"] == []


def test_every_page_of_what_was_carried_over_is_shown(played: Played) -> None:
    """Before the play, in every unfinished state, and after it; in both languages."""
    for walk in played.saw["walks"]:
        assert walk["faults"] == []
        assert walk["asked"] > 300


def test_the_log_verifies_whole(played: Played) -> None:
    assert "no difference" in played.saw["verification"].lower()


def test_no_entry_of_the_old_log_has_changed(played: Played) -> None:
    last = played.entries[-1][0]
    assert played.database.rows(_LOG, last) == played.entries
    assert played.saw["after"]["log"]["entries"] > len(played.entries)


def test_every_checkpoint_of_the_old_release_is_kept(played: Played) -> None:
    """And holds: the verification of the whole log recomputes the root under each of them."""
    assert len(played.checkpoints) == played.release.about["checkpoints"]
    assert played.database.rows(_CHECKPOINTS)[: len(played.checkpoints)] == played.checkpoints


def test_plan_versions_keep_their_digests(played: Played) -> None:
    known = {row[0] for row in played.versions}
    assert [row for row in played.database.rows(_VERSIONS) if row[0] in known] == played.versions


def test_what_was_published_is_served_byte_for_byte(played: Played) -> None:
    """The rules in the API may have gained keys, and show beside them the text that the old digest is taken of."""
    assert len(played.release.published) > 20
    assert played.saw["published"] == []


def test_the_ledger_sums_to_zero_and_every_period_holds(played: Played) -> None:
    assert played.saw["ledger"]
    assert set(played.saw["ledger"].values()) == {0}
    assert all(played.saw["periods_that_hold"].values())
    assert len(played.saw["periods_that_hold"]) > 3
