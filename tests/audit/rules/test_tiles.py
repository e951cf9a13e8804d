"""Tile paths, widths, hashes and bundles, against the examples of C2SP tlog-tiles; leaves."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.rules.canonical import canonical_json
from audit.rules.leaves import leaf_data, moment_text
from audit.rules.merkle import Frontier, leaf_hash
from audit.rules.tiles import (
    TileName,
    entry_bundle,
    index_path,
    parse_path,
    subtree_root,
    width_at,
)
from tests.audit.tile_reader import parse_bundle, tiles_of


def test_the_paths_of_the_document() -> None:
    assert index_path(1234067) == "x001/x234/067"
    assert index_path(0) == "000"
    assert index_path(1000) == "x001/000"
    assert TileName(0, 1234067).path == "tile/0/x001/x234/067"
    assert TileName(3, 5, 17).path == "tile/3/005.p/17"
    assert TileName(None, 999, 255).path == "tile/entries/999.p/255"
    with pytest.raises(ValueError, match="index"):
        index_path(-1)


@given(
    st.none() | st.integers(0, 63),
    st.integers(0, 1 << 50),
    st.integers(1, 256),
)
def test_paths_are_read_as_written(level: int | None, index: int, width: int) -> None:
    name = TileName(level, index, width)
    assert parse_path(name.path) == name


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/x234",
        "tile/0/1234",
        "tile/0/x001234",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/012",
        "tile/0/000.p/",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/entry/000",
        "/tile/0/000",
    ],
)
def test_every_other_path_is_refused(path: str) -> None:
    assert parse_path(path) is None


def test_the_tree_of_the_document() -> None:
    """A tree of 70,000: 273 full tiles and one of 112, one full and one of 17, one of 1."""
    tiles = list(tiles_of(70_000))
    assert Counter((one.level, one.width) for one in tiles) == {
        (0, 256): 273,
        (0, 112): 1,
        (1, 256): 1,
        (1, 17): 1,
        (2, 1): 1,
    }
    assert [(one.level, one.width) for one in tiles_of(256)] == [(0, 256), (1, 1)]
    assert list(tiles_of(0)) == []
    assert [width_at(0, index, 600) for index in range(4)] == [256, 256, 88, 0]
    assert width_at(None, 2, 600) == 88
    assert width_at(1, 0, 600) == 2
    assert TileName(1, 3).first_leaf == 3 * 65_536
    assert TileName(None, 3).first_leaf == 768


@pytest.mark.parametrize("height", range(9))
def test_a_tile_s_root_is_that_of_its_leaves(height: int) -> None:
    hashes = [leaf_hash(bytes([number])) for number in range(1 << height)]
    grown = Frontier()
    for one in hashes:
        grown.append(one)
    assert subtree_root(hashes) == grown.root()


def test_only_complete_subtrees_have_a_root() -> None:
    for count in (0, 3, 255):
        with pytest.raises(ValueError, match="subtree"):
            subtree_root([bytes(32)] * count)


@given(st.lists(st.binary(max_size=300), max_size=10))
def test_bundles_are_read_as_written(leaves: list[bytes]) -> None:
    bundle = entry_bundle(leaves)
    assert parse_bundle(bundle) == leaves
    if bundle:
        with pytest.raises(ValueError, match="ends within"):
            parse_bundle(bundle + b"\0")


def test_a_leaf_is_written_as_the_document_says() -> None:
    found = leaf_data(
        kind="claim.paid",
        stream="claim:C26-A",
        actor='user:"1"',
        body=canonical_json({"z": 1, "a": ["é", True, None]}),
        recorded=moment_text(dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))),
        head_salt=b"h" * 16,
        body_salt=b"b" * 16,
    )
    head = b"h" * 16 + b'{"kind":"claim.paid","stream":"claim:C26-A"}'
    body = '{"actor":"user:\\"1\\"","body":{"a":["é",true,null],"z":1},"recorded_at":"2026-11-22T00:00:00.000000Z"}'
    assert found == sha256(head).digest() + sha256(b"b" * 16 + body.encode()).digest()
