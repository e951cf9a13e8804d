"""The draw of RFC 3797: its worked example, real draws, and a second program that works on a plain list."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jury.rules.draw import canonical_entropy, draw_key, walk

RFC_KEY = b"9319./2.5.8.10.12./9.18.26.34.41.45./"
RFC_NUMBERS = [17, 7, 2, 16, 25, 23, 8, 24, 19, 13, 22, 5, 18, 9, 1, 4]
NOMCOM_2012_KEY = b"17.20.22.35.36.38.48./90193202./55598744./9.10.11.17.21.48.50./"
NOMCOM_2012_NUMBERS = [90, 25, 92, 126, 24, 31, 122, 96, 81, 132, 2, 41]
VECTORS = Path(__file__).resolve().parents[4] / "shared" / "vectors" / "rfc3797.json"


def drawn_from_a_list(key: bytes, pool: int, count: int, hash_name: str) -> list[int]:
    """The RFC's own way: keep the whole pool as a list and take the k-th that is left."""
    left = list(range(1, pool + 1))
    drawn = []
    for index in range(count):
        around = index.to_bytes(2, "big") if index <= 65_535 else index.to_bytes(4, "big")
        value = int(hashlib.new(hash_name, around + key + around).hexdigest(), 16)
        drawn.append(left.pop(value % len(left)))
    return drawn


def test_the_worked_example_of_the_rfc():
    assert list(islice(walk(RFC_KEY, 25, "md5"), 16)) == RFC_NUMBERS


def test_a_real_draw_of_the_ietf():
    assert list(islice(walk(NOMCOM_2012_KEY, 134, "md5"), 12)) == NOMCOM_2012_NUMBERS


def test_the_key_of_the_worked_example_from_its_values():
    assert canonical_entropy([[9319], [2, 5, 12, 8, 10], [9, 18, 26, 34, 41, 45]]).encode() == RFC_KEY


def test_all_published_vectors_where_the_file_is_at_hand():
    cases = json.loads(VECTORS.read_text())["cases"] if VECTORS.exists() else []
    for case in cases:
        key = canonical_entropy(case["inputs"])
        assert key == case["key"]
        assert list(islice(walk(key.encode(), case["pool_size"], "md5"), case["count"])) == case["selected"]
    assert len(cases) in {0, 2}


@settings(max_examples=200, deadline=None)
@given(st.data(), st.binary(min_size=1, max_size=40), st.integers(1, 400), st.sampled_from(["sha256", "md5"]))
def test_the_walk_is_the_one_on_a_plain_list(data, key, pool, hash_name):
    count = data.draw(st.integers(1, pool))
    assert list(islice(walk(key, pool, hash_name), count)) == drawn_from_a_list(key, pool, count, hash_name)


@pytest.mark.parametrize("hash_name", ["sha256", "md5"])
def test_thousands_of_numbers_are_those_of_the_plain_list(hash_name):
    expected = drawn_from_a_list(b"a long walk", 100_000, 5_000, hash_name)
    assert list(islice(walk(b"a long walk", 100_000, hash_name), 5_000)) == expected


def test_the_counter_grows_to_four_bytes_after_65_535():
    walked = list(walk(b"counter", 65_540, "sha256"))
    assert walked == drawn_from_a_list(b"counter", 65_540, 65_540, "sha256")
    assert sorted(walked) == list(range(1, 65_541))


@pytest.mark.parametrize("pool", [1, 2, 3, 25, 1000])
def test_the_walk_gives_each_number_once_and_ends(pool):
    assert sorted(walk(b"k", pool, "sha256")) == list(range(1, pool + 1))


@pytest.mark.parametrize("pool", [10**7, 10**9, 10**15])
def test_a_vast_pool_is_never_touched(pool):
    walked = list(islice(walk(b"vast", pool, "sha256"), 2_000))
    assert len(set(walked)) == 2_000
    assert all(1 <= number <= pool for number in walked)
    digest = hashlib.sha256(b"\x00\x00vast\x00\x00").digest()
    assert walked[0] == int.from_bytes(digest, "big") % pool + 1


def test_the_walk_is_the_same_every_time():
    assert list(walk(b"again", 500, "sha256")) == list(walk(b"again", 500, "sha256"))


def test_a_pool_without_a_number_gives_none():
    assert list(walk(b"k", 0, "sha256")) == []


@pytest.mark.parametrize(
    ("key", "pool", "hash_name", "named"),
    [(b"", 5, "sha256", "key"), (b"k", -1, "sha256", "pool"), (b"k", -1, "md5", "pool"), (b"k", 5, "sha1", "sha1")],
)
def test_a_draw_that_cannot_be_is_refused_before_the_first_number(key, pool, hash_name, named):
    with pytest.raises(ValueError, match=named):
        walk(key, pool, hash_name)


@pytest.mark.parametrize(
    ("sources", "text"),
    [
        ([[7]], "7./"),
        ([[10, 9, 9, 100]], "9.9.10.100./"),
        ([[0]], "0./"),
        ([[-3, 2]], "-3.2./"),
        ([[Decimal("12.500"), Decimal("3.25")]], "12.53.25/"),
        ([[Decimal("3.25"), Decimal("12.5")]], "3.2512.5/"),
        ([[Decimal("12.000")]], "12./"),
        ([[Decimal("12")]], "12./"),
        ([[Decimal("1E+2")]], "100./"),
        ([[Decimal("0.050")], [3]], "0.05/3./"),
    ],
)
def test_values_have_one_written_form(sources, text):
    assert canonical_entropy(sources) == text


@pytest.mark.parametrize(
    "sources",
    [[], [[]], [[1], []], [[1, Decimal("1.5")]], [[1.5]], [[True]], [["7"]], [[Decimal("-0.5")]], [[Decimal("NaN")]]],
)
def test_values_without_one_written_form_are_refused(sources):
    with pytest.raises(ValueError, match=r"source|fraction"):
        canonical_entropy(sources)


@given(st.lists(st.lists(st.integers(0, 10**12), min_size=1, max_size=16), min_size=1, max_size=16), st.randoms())
def test_the_order_in_which_a_lottery_drew_does_not_matter(sources, random):
    shuffled = [random.sample(source, len(source)) for source in sources]
    assert canonical_entropy(shuffled) == canonical_entropy(sources)


def test_the_key_carries_the_commitment():
    digest = hashlib.sha256(b"what was committed").hexdigest()
    assert draw_key("9319./", b"what was committed") == b"9319.//" + digest.encode() + b"./"


def test_two_commitments_never_share_a_draw():
    one, other = draw_key("9319./", b"hearing 1"), draw_key("9319./", b"hearing 2")
    assert list(islice(walk(one, 10**6, "sha256"), 5)) != list(islice(walk(other, 10**6, "sha256"), 5))
