"""Bytes that are already in a log, on a page or under a seal: each kind of digest is pinned, none can change."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

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
    "xhb-2018-11-27": "74371631266a434603c56ea4021b62ff1087195135176775e5f77d03b803e4c3",
    "xhb-2019-01-01": "d076aaee33217e7fcf480abbfa53e2af002c60d5a1e9aa818cda5b8919637385",
    "xhb-2020-01-01": "b8d9a3014fd2dcc44b3164399f597059626ec80559661c6c165aa111d075254f",
    "xhb-mutual-2018-10-16": "8ae1cba16a0f09bdc51fe10e76f51cc231ec779bb709502c90b07fae3a491725",
    "xhb-senior-2019-05-01": "21d528623e707fb9da2ccbe6400a4fe69af5f02259a2bcaea915afae18aca9ca",
    "examples/craft-berlin-2024-01-01": "d7b7fdfe1be628f5121845b8c0a92b7fada5c24e539d776bb3e42253d08aa18b",
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
SEALED = Path(__file__).parent / "jury" / "sealed-ballot-2.hex"
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
    assert sealing._place("panel-1", "座位", 3) == b'["panel-1","\\u5ea7\\u4f4d",3]'


def test_the_token_of_a_seat() -> None:
    found = sealing.seat_token(bytes(range(32)), panel="C26-7K3M9Q/1", juror_number=17)
    assert found == "S-GNPY-PJMY-9GHQ-F15N"


def test_a_sealed_ballot_of_this_format_opens_for_ever() -> None:
    """Sealed by the first release of the format: whoever cannot open it loses votes."""
    sealed = bytes.fromhex(SEALED.read_text())
    private = X25519PrivateKey.from_private_bytes(bytes(range(32)))
    found = sealing.open_ballot(sealed, private=private, panel="panel-1", seat="seat:7", sequence=3)
    assert (found.content, found.receipt) == (BALLOT, "R2EK-S53R-5J3J-B4F3")


def test_the_postings_of_a_transaction() -> None:
    assert (
        digest_of(post_collection("2019-01-01", 1000, 125))
        == "f7a675cffbfee82524920687424d78c9b9c4683850342cf18a874852ff7c7558"
    )
