"""The witness of `make run`."""

from __future__ import annotations

import socket
import stat
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings

from audit.rules.notes import COSIGNATURE_V1, VerifierKey, verifier_of
from config.management.commands.prepare_run import Command
from run.supervisor import Supervisor
from run.witness import DemonstrationWitness, log_keys_file


def supervisor(var: Path, **environ: str) -> Supervisor:
    made = Supervisor(var=var, host="127.0.0.1", port=1)
    made.environ = {"ASSIZE_MODE": "demo", **environ}
    made._choose_witness()
    return made


def test_a_demonstration_gets_a_witness_that_keeps_its_key(tmp_path: Path) -> None:
    first, second = supervisor(tmp_path), supervisor(tmp_path)
    key, url = first.environ["AUDIT_WITNESSES"].split(" ")
    assert VerifierKey.parse(key).algorithm == COSIGNATURE_V1
    assert url.startswith("http://127.0.0.1:")
    assert second.environ["AUDIT_WITNESSES"].split(" ")[0] == key
    assert stat.S_IMODE((tmp_path / "witness").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "witness" / "key").stat().st_mode) == 0o600


def test_a_real_plan_and_one_with_witnesses_of_its_own_get_none(tmp_path: Path) -> None:
    for environ in ({"ASSIZE_MODE": "deploy"}, {"AUDIT_WITNESSES": ""}, {"AUDIT_WITNESSES": "key https://w.example"}):
        made = supervisor(tmp_path, **environ)
        assert made.witness is None
        assert made.environ.get("AUDIT_WITNESSES") == environ.get("AUDIT_WITNESSES")
    assert not (tmp_path / "witness").exists()


def test_it_listens_at_a_free_port_and_not_at_the_one_behind_the_web_server_s(tmp_path: Path) -> None:
    """A second `make run` may well be told to use that one."""
    found = {supervisor(tmp_path).witness.port for _each in range(3)}
    assert 2 not in found
    for port in found:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", port))


def test_it_is_told_the_keys_that_the_log_signs_with(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path
    settings.AUDIT_LOG_KEYS = [b"n" * 32, django_settings.AUDIT_LOG_KEYS[0]]
    Command()._tell_witness()
    assert not log_keys_file(tmp_path).exists()
    witness = DemonstrationWitness(tmp_path)
    Command()._tell_witness()
    assert f"@{log_keys_file(tmp_path)}" in witness.argv()
    told = log_keys_file(tmp_path).read_text().split()
    assert told == [verifier_of(seed, settings.AUDIT_LOG_ORIGIN).text for seed in settings.AUDIT_LOG_KEYS]
