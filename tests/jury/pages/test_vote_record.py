"""The public record of a vote: two lists, a look-up, JSON, and the program that checks it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.services import publish
from jury.models import BallotOpening, Panel
from jury.sealing import normal_code
from jury.services.ballots import CastBallot
from tests.jury.conftest import CASE, Court, close, sitting, vote

pytestmark = pytest.mark.django_db


def address(round_: int = 1) -> str:
    return reverse("vote_record", args=[CASE, round_])


def voted(court: Court, choices: str = "ssa") -> tuple[Panel, list[CastBallot]]:
    court.add_jurors(len(choices))
    panel = court.drawn(seats=len(choices))
    words = {"s": "support", "a": "against"}
    cast = [
        vote(seat, words[letter], words="My own words.") for seat, letter in zip(sitting(panel), choices, strict=True)
    ]
    return close(panel), cast


def test_everybody_sees_both_lists_after_the_close_and_nothing_before(client: Client, court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    cast = [vote(seat) for seat in sitting(panel)]
    assert client.get(address()).status_code == 404
    assert client.get(f"/api/v1/votes/{panel.pk}/").status_code == 404
    close(panel)
    text = client.get(address()).content.decode()
    for one in cast:
        assert one.receipt in text
        assert one.token in text
    assert "My own words." not in text


def test_a_receipt_and_a_token_are_found_however_they_are_typed(client: Client, court: Court) -> None:
    _panel, cast = voted(court)
    for typed in (cast[2].receipt, cast[2].receipt.lower(), cast[2].receipt.replace("-", " ")):
        answer = client.post(address(), {"code": typed})
        assert "This ballot was counted:" in answer.content.decode()
        assert answer["Cache-Control"] == "no-store"
    assert "A ballot from this seat was counted." in client.post(address(), {"code": cast[0].token}).content.decode()
    for unknown in ("0000-0000-0000-0000", "S-0000-0000-0000-0000", "nonsense", "x" * 60):
        assert "This is in neither list." in client.post(address(), {"code": unknown}).content.decode()
    assert client.post(address(), {"code": ""}).status_code == 422


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (" o1il-0000 0000-0000 ", "0111-0000-0000-0000"),
        ("s-abcd-efgh-jkmn-pqrs", "S-ABCD-EFGH-JKMN-PQRS"),
        ("SABCDEFGHJKMNPQRS", "S-ABCD-EFGH-JKMN-PQRS"),
        ("SBCD-EFGH-JKMN-PQRS", "SBCD-EFGH-JKMN-PQRS"),
        ("ABCD", ""),
        ("UUUU-UUUU-UUUU-UUUU", ""),
    ],
)
def test_a_code_is_read_as_it_is_meant(typed: str, read: str) -> None:
    assert normal_code(typed) == read


def test_the_page_says_when_the_lists_are_not_those_of_the_close(client: Client, court: Court) -> None:
    voted(court)
    warning = "These lists are not the ones that the close published"
    assert warning not in client.get(address()).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE jury_ballotopening SET choice = 'support'")
        cursor.execute("SET session_replication_role = origin")
    assert warning in client.get(address()).content.decode()


def test_a_vote_costs_the_same_queries_with_one_ballot_and_with_seven(client: Client, court: Court) -> None:
    counts = []
    for choices in ("sss", "ssssaaa"):
        panel, _cast = voted(Court(court.version, court.claimant), choices) if not counts else _second(court, choices)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("vote_record", args=[panel.case_ref, panel.round])).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def _second(court: Court, choices: str) -> tuple[Panel, list[CastBallot]]:
    court.add_jurors(len(choices))
    panel = court.drawn(case_ref="C26-TEST02", seats=len(choices))
    cast = [vote(seat) for seat in sitting(panel)]
    return close(panel), cast


# -------- verify.py ---------------------------------------------------------------------------------------------------
def verified(vote_json: dict[str, Any], folder: Path, *arguments: str) -> tuple[int, str]:
    file = folder / "vote.json"
    file.write_text(json.dumps(vote_json))
    done = subprocess.run(
        [sys.executable, "-I", str(settings.BASE_DIR / "verify.py"), str(file), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def published(client: Client, court: Court) -> tuple[dict[str, Any], list[CastBallot]]:
    panel, cast = voted(court)
    publish()
    return client.get(f"/api/v1/votes/{panel.pk}/").json(), cast


def test_the_program_verifies_what_is_published(
    published: tuple[dict[str, Any], list[CastBallot]], tmp_path: Path
) -> None:
    found, cast = published
    status, text = verified(found, tmp_path, "--receipt", cast[2].receipt, "--token", cast[0].token)
    assert status == 0, text
    assert "3 ballots and 3 seats" in text
    assert f"{cast[2].receipt} was counted and says: against." in text
    assert "under this checkpoint" in text
    assert verified(found, tmp_path, "--receipt", "0000-0000-0000-0000")[0] == 1


def test_the_program_verifies_before_a_checkpoint_and_says_what_it_could_not(
    client: Client, court: Court, tmp_path: Path
) -> None:
    panel, _cast = voted(court)
    status, text = verified(client.get(f"/api/v1/votes/{panel.pk}/").json(), tmp_path)
    assert status == 0, text
    assert "no signed checkpoint covers the closing entry yet" in text


def _flip(found: dict[str, Any]) -> None:
    found["openings"][0]["choice"] = {"support": "against", "against": "support"}[found["openings"][0]["choice"]]


def _stuff(found: dict[str, Any]) -> None:
    found["openings"].append(found["openings"][-1])


def _rename(found: dict[str, Any]) -> None:
    found["tokens"] = sorted(["S-0000-0000-0000-0000", *found["tokens"][1:]])


def _reverse(found: dict[str, Any]) -> None:
    found["openings"].reverse()


def _hide(found: dict[str, Any]) -> None:
    found["openings"].pop()
    found["tokens"].pop()


def _retell(found: dict[str, Any]) -> None:
    found["closing_entry"]["body_text"] = found["closing_entry"]["body_text"].replace('"support":2', '"support":3')


def _salt(found: dict[str, Any]) -> None:
    found["closing_entry"]["head_salt"] = "00" * 16


def _turn(found: dict[str, Any]) -> None:
    found["verdict"] = "against"


def _invent(found: dict[str, Any]) -> None:
    found["faults"] = [{"kind": "no_place", "token": "", "sequence": None, "ballot_digest": "", "receipt": ""}]


@pytest.mark.parametrize("bend", [_flip, _stuff, _rename, _reverse, _hide, _retell, _salt, _turn, _invent])
def test_the_program_finds_what_was_bent(
    published: tuple[dict[str, Any], list[CastBallot]], tmp_path: Path, bend: Any
) -> None:
    found, _cast = published
    bend(found)
    status, text = verified(found, tmp_path)
    assert (status, text[:8]) == (1, "DIFFERS:"), text


def test_what_the_api_lists(client: Client, court: Court) -> None:
    panel, _cast = voted(court)
    (row,) = client.get("/api/v1/votes/").json()["results"]
    assert (row["id"], row["support_count"], row["against_count"], row["verdict"]) == (panel.pk, 2, 1, "support")
    assert BallotOpening.objects.count() == 3
