"""The log as C2SP tlog-tiles: which tiles a tree has, their paths, their hashes, and bundles of entries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from audit.rules.merkle import HASH_BYTES

TILE_WIDTH = 256
TILE_HEIGHT = 8
HIGHEST_LEVEL = 63
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True)
class TileName:
    """A tile of hashes at `level` (0: leaf hashes), or, without a level, a bundle of entries."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """The path below the log's prefix, such as `tile/0/x001/234.p/17`."""
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{index_path(self.index)}{partial}"

    @property
    def first_leaf(self) -> int:
        """The index of the first leaf that it covers."""
        return self.index << (TILE_HEIGHT * ((self.level or 0) + 1))


def index_path(index: int) -> str:
    """A tile's index in groups of three digits: 1234067 is `x001/x234/067`."""
    if index < 0:
        raise ValueError(f"no tile has the index {index}")
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups))


def parse_path(path: str) -> TileName | None:
    """The tile that `path` names; None for anything that isn't exactly a tile's one path."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level = None if found["level"] == "entries" else int(found["level"])
    index = int(found["index"].replace("x", "").replace("/", ""))
    width = int(found["width"] or TILE_WIDTH)
    name = TileName(level, index, width)
    is_real = (level is None or level <= HIGHEST_LEVEL) and width <= TILE_WIDTH
    return name if is_real and name.path == path else None


def hashes_at(level: int, size: int) -> int:
    """How many hashes the tiles of `level` hold for a tree of `size` leaves."""
    return size >> (TILE_HEIGHT * level)


def width_at(level: int | None, index: int, size: int) -> int:
    """How many hashes (or entries) tile `index` of `level` holds for a tree of `size` leaves: 0 to 256."""
    return max(0, min(TILE_WIDTH, hashes_at(level or 0, size) - index * TILE_WIDTH))


def split_hashes(tile: bytes) -> list[bytes]:
    """The hashes that a tile is a row of."""
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def subtree_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 1, 2, 4 … 256 neighbouring hashes of a tile."""
    row = list(hashes)
    if len(row).bit_count() != 1:
        raise ValueError(f"{len(row)} hashes are no complete subtree")
    # Inlined on purpose: this is most of the work of verifying a log.
    while len(row) > 1:
        pairs = iter(row)
        row = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return row[0]


def entry_bundle(leaves: Sequence[bytes]) -> bytes:
    """The bundle of these entries' leaf data: each with its length before it, in two bytes, big-endian."""
    return b"".join(len(data).to_bytes(2, "big") + data for data in leaves)
