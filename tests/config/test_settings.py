"""The settings in a fresh process each: what is refused, and what a deployment gets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from run.closing_key import create_files, private_key, public_in, public_key
from run.embedded import paths

SECRET = "0123456789abcdef" * 4
COMPLETE = dict.fromkeys(
    (
        "SECRET_KEY",
        "PERSONAL_DATA_KEYS",
        "BLIND_INDEX_KEY",
        "SEAT_TOKEN_SECRET",
        "DRAW_CHAIN_SECRET",
        "AUDIT_LOG_KEYS",
    ),
    SECRET,
) | {
    "BALLOT_CLOSING_PUBLIC_KEY": public_key(private_key(SECRET)).hex(),
    "DATABASE_URL": "postgres://u:p%40w@db.example:6000/claims?sslmode=require",
    "CELERY_BROKER_URL": "amqp://q",
    "ALLOWED_HOSTS": "claims.example, www.claims.example",
}

OWNER = "postgres://owner:p@db.example:6000/claims"


def load(question: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return subprocess.run(
        [sys.executable, "-c", f"from config import settings as s; print({question})"],
        env=clean | environ,
        cwd=paths.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("missing", sorted(COMPLETE.keys() - {"ALLOWED_HOSTS"}))
def test_a_deployment_without_a_secret_or_a_server_refuses_to_start(missing: str) -> None:
    done = load("s.MODE", **{key: value for key, value in COMPLETE.items() if key != missing})
    assert done.returncode == 1
    assert f"Set the environment variable {missing}" in done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "BALLOT_CLOSING_KEY", "SEAT_TOKEN_SECRET", "PERSONAL_DATA_KEYS"])
def test_a_short_secret_is_refused(name: str) -> None:
    done = load("s.MODE", **(COMPLETE | {name: "short"}))
    assert done.returncode == 1
    assert name in done.stderr
    assert "32 characters" in done.stderr


def test_a_complete_deployment_is_strict() -> None:
    done = load(
        "s.MODE, s.DEBUG, s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.STAFF_MFA_REQUIRED, s.ALLOWED_HOSTS",
        **COMPLETE,
    )
    assert done.stdout.strip() == "deploy False True True True ['claims.example', 'www.claims.example']", done.stderr


def test_a_database_address_is_read_whole() -> None:
    given = "*[s.DATABASES['default'][k] for k in ('HOST', 'PORT', 'NAME', 'PASSWORD')]"
    done = load(f"{given}, s.DATABASES['default']['OPTIONS']['sslmode']", **COMPLETE)
    assert done.stdout.strip() == "db.example 6000 claims p@w require", done.stderr


def test_the_owner_of_the_tables_is_the_running_role_unless_another_is_named() -> None:
    assert load("s.DATABASE_OWNER", **COMPLETE).stdout.strip() == "None"
    done = load("s.DATABASE_OWNER['USER'], s.DATABASES['default']['USER']", **COMPLETE, DATABASE_OWNER_URL=OWNER)
    assert done.stdout.strip() == "owner u", done.stderr


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DATABASE_OWNER_URL", OWNER.replace("/claims", "/other"), "must name the same database"),
        ("ASSIZE_MODE", "production", "write deploy, demo or test"),
        ("DATABASE_URL", "mysql://a/b", "must begin with postgres://"),
        ("DEBUG", "perhaps", "neither yes nor no"),
        ("EMAIL_PORT", "smtp", "not a whole number"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, told: str) -> None:
    done = load("s.MODE", **(COMPLETE | {name: value}))
    assert done.returncode == 1
    assert told in done.stderr


def test_the_web_entry_point_without_an_environment_refuses() -> None:
    clean = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"],
        env=clean,
        cwd=paths.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Set the environment variable" in done.stderr


def test_a_web_process_starts_without_the_key_that_opens_ballots_and_refuses_to_start_with_it() -> None:
    web = COMPLETE | {"ASSIZE_PROCESS": "web"}
    done = load("s.BALLOT_CLOSING_KEY, len(s.BALLOT_CLOSING_PUBLIC_KEY)", **web)
    assert done.stdout.strip() == "None 32", done.stderr
    done = load("s.MODE", **web, BALLOT_CLOSING_KEY=SECRET)
    assert done.returncode == 1
    assert "A web process must not have BALLOT_CLOSING_KEY" in done.stderr


def test_a_worker_has_both_halves_and_needs_no_secret_of_the_seats() -> None:
    worker = {name: value for name, value in COMPLETE.items() if name != "SEAT_TOKEN_SECRET"}
    done = load("len(s.BALLOT_CLOSING_KEY)", **worker, ASSIZE_PROCESS="worker", BALLOT_CLOSING_KEY=SECRET)
    assert done.stdout.strip() == "32", done.stderr


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"BALLOT_CLOSING_KEY": SECRET[::-1]}, "is not the public half"),
        ({"BALLOT_CLOSING_PUBLIC_KEY": "ab" * 31}, "64 hexadecimal digits"),
        ({"BALLOT_CLOSING_PUBLIC_KEY": "yes"}, "64 hexadecimal digits"),
    ],
)
def test_halves_of_a_closing_key_that_are_no_pair_are_refused(changes: dict[str, str], told: str) -> None:
    done = load("s.MODE", **(COMPLETE | changes))
    assert done.returncode == 1
    assert told in done.stderr


@pytest.mark.parametrize("process", ["web", "worker", "command"])
def test_a_demonstration_has_a_pair_in_every_process(process: str, tmp_path: Path) -> None:
    create_files(tmp_path)
    public = load(
        "s.BALLOT_CLOSING_PUBLIC_KEY.hex()", ASSIZE_MODE="demo", ASSIZE_PROCESS=process, ASSIZE_VAR=str(tmp_path)
    )
    assert public.stdout.strip() == public_in(tmp_path), public.stderr
    stand_in = {load("s.BALLOT_CLOSING_PUBLIC_KEY.hex()", ASSIZE_MODE="demo", ASSIZE_PROCESS=one).stdout
                for one in ("web", process)}  # fmt: skip
    assert len(stand_in) == 1


def test_links_in_the_mails_of_a_deployment_use_tls() -> None:
    assert load("s.SITE_URL", **COMPLETE).stdout == "https://claims.example\n"
    assert load("s.SITE_URL", **COMPLETE, SITE_URL="https://aid.example/").stdout == "https://aid.example\n"
    done = load("s.SITE_URL", **COMPLETE, SITE_URL="http://aid.example")
    assert (done.returncode, "https://" in done.stderr) == (1, True)


def test_mails_come_from_a_domain() -> None:
    sender = {"DEFAULT_FROM_EMAIL": "Aid <aid@aid.example>"}
    assert load("s.MAIL_DOMAIN", **COMPLETE, **sender).stdout == "aid.example\n"
    done = load("s.MAIL_DOMAIN", **COMPLETE, MAIL_DOMAIN="aid example")
    assert (done.returncode, "no domain" in done.stderr) == (1, True)
