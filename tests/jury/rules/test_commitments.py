"""The commitment: one written form, every field in it, and no field that cannot be."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest

from jury.rules.commitments import Commitment, EntropySource
from jury.rules.entropy import SourceKind
from jury.rules.seating import Strata

BEACON = EntropySource(SourceKind.BEACON, "public beacon", "round 4711")
CHAIN = EntropySource(SourceKind.CHAIN_LINK, "ab" * 32, "17")
NONCE = EntropySource(SourceKind.APPLICANT_NONCE, "applicant", "until 2019-05-01T12:00:00+08:00")
COMMITMENT = Commitment(
    case_ref="case 1",
    round=1,
    pool_high=250,
    file_digest="0a" * 32,
    rule_digest="0b" * 32,
    seats=31,
    quorum=21,
    lookup_limit=200,
    sources=(BEACON,),
    fallback="the next round",
)


def test_the_written_form():
    assert COMMITMENT.canonical_bytes() == (
        b'{"case_ref":"case 1","default_nonce":"","encoding":"rfc3797","fallback":"the next round",'
        b'"file_digest":"' + b"0a" * 32 + b'","hash":"sha256","lookup_limit":200,"pool_high":250,"quorum":21,"round":1,'
        b'"rule_digest":"' + b"0b" * 32 + b'","seats":31,"sources":[{"issue":"round 4711","kind":"beacon",'
        b'"publisher":"public beacon"}],"strata":null,"version":1}'
    )


def test_the_digest_is_sha256_of_the_written_form():
    assert COMMITMENT.digest() == hashlib.sha256(COMMITMENT.canonical_bytes()).hexdigest()


def test_the_written_form_is_ascii_in_every_language():
    written = dataclasses.replace(COMMITMENT, fallback="下一期").canonical_bytes()
    assert written.isascii()
    assert json.loads(written)["fallback"] == "下一期"


@pytest.mark.parametrize(
    "change",
    [
        {"case_ref": "case 2"},
        {"round": 2},
        {"pool_high": 251},
        {"file_digest": "0c" * 32},
        {"rule_digest": "0c" * 32},
        {"seats": 33},
        {"quorum": 22},
        {"lookup_limit": 201},
        {"sources": (dataclasses.replace(BEACON, issue="round 4712"),)},
        {"sources": (dataclasses.replace(BEACON, kind=SourceKind.PUBLIC_NUMBERS),)},
        {"sources": (CHAIN, NONCE), "default_nonce": "none given"},
        {"fallback": "the round after"},
        {"strata": Strata((("south", 3),), 50)},
        {"default_nonce": "x"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_field_changes_the_digest(change):
    assert dataclasses.replace(COMMITMENT, **change).digest() != COMMITMENT.digest()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("case_ref", ""),
        ("round", 0),
        ("pool_high", -1),
        ("file_digest", "0A" * 32),
        ("file_digest", "0a" * 31),
        ("rule_digest", "not hex"),
        ("seats", 30),
        ("seats", 0),
        ("quorum", 32),
        ("quorum", 0),
        ("lookup_limit", 30),
        ("sources", (dataclasses.replace(BEACON, issue=""),)),
        ("sources", (dataclasses.replace(BEACON, publisher=""),)),
        ("encoding", "own"),
        ("hash", "md5"),
    ],
)
def test_a_field_that_cannot_be_is_refused_by_name(field, value):
    with pytest.raises(ValueError, match=field):
        dataclasses.replace(COMMITMENT, **{field: value})


def test_a_nonce_needs_its_default_in_the_commitment():
    with pytest.raises(ValueError, match="default_nonce"):
        dataclasses.replace(COMMITMENT, sources=(CHAIN, NONCE))


@pytest.mark.parametrize("sources", [(), (NONCE,), (BEACON, NONCE)])
def test_sources_that_let_one_person_choose_are_refused(sources):
    with pytest.raises(ValueError, match=r"source|nonce"):
        dataclasses.replace(COMMITMENT, sources=sources, default_nonce="none given")


@pytest.mark.parametrize(
    "least",
    [
        {"pool_high": 1},
        {"seats": 1, "quorum": 1},
        {"seats": 3, "quorum": 3},
        {"seats": 3, "quorum": 1},
        {"lookup_limit": 31},
        {"round": 1},
    ],
    ids=str,
)
def test_the_least_that_a_field_can_be(least):
    found = dataclasses.replace(COMMITMENT, **least)

    assert {name: getattr(found, name) for name in least} == least
