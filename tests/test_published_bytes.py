"""Bytes that are already in a log, on a page or under a seal: each kind of digest is pinned, none can change."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest

from adjudication.selectors.case_files import file_digest
from allocation.rules.ledger import post_collection
from allocation.services.ledger import digest_of
from audit.rules.canonical import canonical_json
from audit.rules.leaves import leaf_data, moment_text
from jury import sealing
from jury.models import Panel
from jury.rules.commitments import Commitment, EntropySource
from jury.rules.entropy import SourceKind
from jury.rules.seating import Step, StepOutcome, reason_commitment
from jury.rules.verdicts import Choice
from jury.sealing import BallotContent, commitment_of, words_digest_of
from jury.selectors.draws import DrawRecord, key_of
from members.rules.plans import parse_plan

PLAN_FILES = Path(__file__).parents[1] / "members" / "plan_files"
PUBLISHED = {
    "xhb-2018-11-27": "cabc93143846977cf8f6d504be5ee5035e907fb7527e3c1de55927216b3a742f",
    "xhb-2019-01-01": "259dafd9026d7614f8711e4c132af0336eb4c569b9612c49c372b8164f78c1f2",
    "xhb-2020-01-01": "d06f48a99df423623348611d46465c303615a202777e69fead1b997013d063d2",
    "xhb-mutual-2018-10-16": "086cf9982d46f9d48ec7ebb081fcda380c5333349fd328a8aa490a8baa4ed1c5",
    "xhb-senior-2019-05-01": "43258858cab17f0bd0a0e400723bef75e6491bcb2d200eadce62b9b0b059c709",
    "examples/craft-berlin-2024-01-01": "8833fa976aa705d6323fc6954e66f2b9a7d26c02e553b8cc0fc03859632ed129",
}
WHAT_TO_DO = (
    "A file that databases have published gives another digest. If the code was changed: it must read the file as "
    "before; declare a new key in members/rules/plan_later_keys.py. If the file was corrected: give it the next "
    "`revision`, keep the old text with scripts/published_plans.py, and write its new digest here."
)
CASE_FILE = {"summary": "胸部 CT — “negative”\n", "round": 2, "evidence": [{"id": 7, "kind": "report"}], "none": None}
COMMITMENT = Commitment(
    case_ref="C26-7K3M9Q",
    round=1,
    pool_high=250,
    file_digest="0a" * 32,
    rule_digest="0b" * 32,
    seats=31,
    quorum=21,
    lookup_limit=200,
    sources=(
        EntropySource(SourceKind.CHAIN_LINK, "ab" * 32, "17"),
        EntropySource(SourceKind.APPLICANT_NONCE, "applicant of C26-7K3M9Q", "until 2019-05-01T12:00:00+00:00"),
    ),
    fallback="没有申请人的话 — the default word counts.",
    default_nonce="C26-7K3M9Q/1",
)
BALLOT = BallotContent(Choice.AGAINST, ("pre_existing", "not_proved"), "早已确诊。", is_medical=True)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_leaf_of_an_entry() -> None:
    leaf = leaf_data(
        kind="claim.withdrawn",
        stream="claim:C26-7K3M9Q",
        actor="user:1",
        body=canonical_json({"was": "filed", "说": ["“x”", 2**60, None, True]}),
        recorded=moment_text(dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)),
        head_salt=b"h" * 16,
        body_salt=b"b" * 16,
    )

    assert sha256(leaf) == "be0e263d700654d98efa91da3f887513e5bfc864c72d26baaf91c4bdcbe2e0c9"


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_rules_of_a_published_plan(name: str) -> None:
    text = (PLAN_FILES / f"{name}.toml").read_text(encoding="utf-8")

    assert parse_plan(text, f"{name}.toml").digest == PUBLISHED[name], WHAT_TO_DO
    assert parse_plan(text, f"{name}.toml", is_published=True).digest == PUBLISHED[name], WHAT_TO_DO


def test_every_published_plan_is_here() -> None:
    files = [path.relative_to(PLAN_FILES).with_suffix("").as_posix() for path in PLAN_FILES.rglob("*.toml")]

    assert sorted(files) == sorted(PUBLISHED)


def test_the_commitment_of_a_draw_and_the_key_made_with_it() -> None:
    panel = Panel(commitment=json.loads(COMMITMENT.canonical_bytes()), entropy="17.20./")

    assert COMMITMENT.digest() == "1834d4ba006471408cedfbcc732c3b59679f5bc4294cced0488dcddc35766c72"
    assert DrawRecord(panel).commitment.encode() == COMMITMENT.canonical_bytes()
    assert key_of(panel) == f"17.20.//{COMMITMENT.digest()}./".encode()


def test_the_sealed_reason_of_a_skip() -> None:
    step = Step(4, 17, StepOutcome.HOUSEHOLD)

    assert (
        reason_commitment(bytes(range(16)), "0c" * 32, step)
        == "94a54710cb958083e876ea3ea96ee191d5d7d5c2bcf1c3db4ccd682b63f98788"
    )


def test_the_file_that_a_panel_is_given() -> None:
    assert file_digest(CASE_FILE) == "7dc30810ed0dd25497fde1e33a46e742dfa1af50d92d950b084cf8f636057721"


def test_the_commitment_of_a_ballot() -> None:
    words_digest = words_digest_of(BALLOT.words, bytes(range(32)))

    assert words_digest == "4dfe336c55107f4e583a2b48e6e3b80a067a4388ef017029794d18a588f99348"
    assert (
        commitment_of("panel-1", BALLOT, bytes(range(32)), words_digest)
        == "f9a8d78b96976dd893f9a509fe21648a6489415aa40e7890251b6e2fda77bd83"
    )


def test_what_is_under_the_seal_of_a_ballot_and_what_it_is_bound_to() -> None:
    plaintext = sealing._encode(BALLOT, bytes(range(32)), bytes(range(32, 64)))

    assert sha256(plaintext) == "2bf493cc7dd0d54ca2ce409a914b48e74de3cc781786b66239bfceb5d4b548eb"
    assert sealing._ballot_binding("panel-1", "座位", 3) == b'ballot v1\x00["panel-1","\\u5ea7\\u4f4d",3]'


def test_the_postings_of_a_transaction() -> None:
    assert (
        digest_of(post_collection("2019-01-01", 1000, 125))
        == "f7a675cffbfee82524920687424d78c9b9c4683850342cf18a874852ff7c7558"
    )
