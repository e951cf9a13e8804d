"""The key that opens ballots is made for each demonstration, and the web server never gets it."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from run import closing_key
from run.supervisor import Supervisor


@pytest.fixture(autouse=True)
def _servers_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own database would be taken for one that the environment names."""
    for name in ("DATABASE_URL", "CELERY_BROKER_URL"):
        monkeypatch.delenv(name, raising=False)


def supervisor(var: Path, **environ: str) -> Supervisor:
    made = Supervisor(var=var, host="127.0.0.1", port=1)
    made.environ = {"ASSIZE_MODE": "demo", **environ}
    made._choose_closing_key()
    made._choose_parts()
    return made


def environs(made: Supervisor) -> dict[str, dict[str, str]]:
    found = {}
    for part in made.parts:
        assert isinstance(part.launch, partial)
        found[part.name] = part.launch.keywords["env"]
    return found


def test_a_new_demonstration_gets_a_key_and_the_web_only_its_public_half(tmp_path: Path) -> None:
    found = environs(supervisor(tmp_path))
    secret = (tmp_path / "closing-key").read_text().strip()
    assert (tmp_path / "closing-key").stat().st_mode & 0o777 == 0o600
    assert found["workers"]["BALLOT_CLOSING_KEY"] == secret
    for name in ("web", "beat"):
        assert "BALLOT_CLOSING_KEY" not in found[name]
        assert secret not in str(found[name])
    public = closing_key.public_key(closing_key.private_key(secret)).hex()
    assert {one["BALLOT_CLOSING_PUBLIC_KEY"] for one in found.values()} == {public}


def test_the_key_stays_the_same_from_run_to_run_and_what_is_given_comes_first(tmp_path: Path) -> None:
    first, again = environs(supervisor(tmp_path)), environs(supervisor(tmp_path))
    assert first["workers"]["BALLOT_CLOSING_KEY"] == again["workers"]["BALLOT_CLOSING_KEY"]
    given = environs(supervisor(tmp_path, BALLOT_CLOSING_KEY="given" * 8))
    assert given["workers"]["BALLOT_CLOSING_KEY"] == "given" * 8
    assert "BALLOT_CLOSING_KEY" not in given["web"]


def test_a_demonstration_that_has_panels_already_keeps_the_key_that_they_are_sealed_to(tmp_path: Path) -> None:
    made = Supervisor(var=tmp_path, host="127.0.0.1", port=1)
    assert made.servers.postgres is not None
    made.servers.postgres.data.mkdir(parents=True)
    (made.servers.postgres.data / "PG_VERSION").write_text("16")
    assert "BALLOT_CLOSING_KEY" not in environs(supervisor(tmp_path))["workers"]
    assert not (tmp_path / "closing-key").exists()


def test_the_program_prints_a_pair() -> None:
    done = subprocess.run([sys.executable, "-m", "run.closing_key"], capture_output=True, text=True, check=True)
    lines = dict(line.split("=") for line in done.stdout.splitlines())
    public = closing_key.public_key(closing_key.private_key(lines["BALLOT_CLOSING_KEY"])).hex()
    assert lines == {"BALLOT_CLOSING_KEY": lines["BALLOT_CLOSING_KEY"], "BALLOT_CLOSING_PUBLIC_KEY": public}
