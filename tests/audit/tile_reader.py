"""What a reader of the log's tiles does: which there are, and the entries in a bundle."""

from __future__ import annotations

from collections.abc import Iterator

from audit.rules.tiles import TILE_WIDTH, TileName, hashes_at, width_at


def tiles_of(size: int) -> Iterator[TileName]:
    """Every tile of a tree of `size` leaves, without the bundles of entries, from level 0 upward."""
    level = 0
    while count := hashes_at(level, size):
        for index in range((count + TILE_WIDTH - 1) // TILE_WIDTH):
            yield TileName(level, index, width_at(level, index, size))
        level += 1


def parse_bundle(bundle: bytes) -> list[bytes]:
    """The leaf data in a bundle. Raises ValueError when it ends in the middle of one."""
    found, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or end > len(bundle):
            raise ValueError(f"the bundle ends within the entry at byte {at}")
        found.append(bundle[at + 2 : end])
        at = end
    return found
