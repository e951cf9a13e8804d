"""Reading the tree: tiles, roots, proofs, checkpoints and keys. All of it is public."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from audit.models import Checkpoint, Entry, Leaf, Tile
from audit.rooms import every_name
from audit.rules import merkle
from audit.rules.notes import VerifierKey
from audit.rules.tiles import TILE_HEIGHT, TILE_WIDTH, split_hashes, subtree_root, width_at

KEY_STREAM = "log:keys"
"""The stream of the entries that introduce and retire the log's own keys."""
KEY_INTRODUCED, KEY_ROTATED, KEY_RETIRED = "log.key_introduced", "log.key_rotated", "log.key_retired"


class NotInLog(LookupError):
    """The entry has no place in the tree yet, or none that a checkpoint covers; a few seconds later it has."""


@dataclass(frozen=True)
class Proof:
    """A leaf's way to the root of the tree of `size` leaves (RFC 9162)."""

    leaf_index: int
    size: int
    leaf_hash: bytes
    hashes: tuple[bytes, ...]
    root: bytes

    @property
    def verifies(self) -> bool:
        """Whether the hashes lead from the leaf to the root."""
        return merkle.verify_inclusion(self.leaf_hash, self.leaf_index, self.size, self.hashes, self.root)


@dataclass(frozen=True)
class EntryProof:
    """An entry's proof in the newest checkpoint that covers it."""

    entry: Entry
    proof: Proof
    checkpoint: Checkpoint

    @property
    def verifies(self) -> bool:
        """Whether the entry's own leaf leads to the root that the checkpoint signs."""
        is_own = merkle.leaf_hash(bytes(self.entry.leaf)) == self.proof.leaf_hash
        return is_own and self.proof.root == bytes(self.checkpoint.root) and self.proof.verifies


@dataclass(frozen=True)
class LogKey:
    """A key that the log has signed with, and the entry that says so."""

    key: VerifierKey
    introduced: Entry
    retired: Entry | None

    @property
    def is_in_use(self) -> bool:
        """Whether checkpoints still carry its signature."""
        return self.retired is None


class TileNodes:
    """Reads hashes of the tree of the first `size` leaves out of its tiles, each tile once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """The hash of the complete subtree at (level, index), as merkle.NodeReader asks."""
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        at = first % TILE_WIDTH
        wanted = self._tile(tile_level, first // TILE_WIDTH)[at : at + (1 << height)]
        if len(wanted) != 1 << height:
            raise NotInLog(f"the tree has no subtree {index} at level {level}")
        return subtree_root(wanted)

    def _tile(self, level: int, index: int) -> list[bytes]:
        if (level, index) not in self._tiles:
            # Which tiles are full follows from the size, so each takes one query.
            is_full = width_at(level, index, self._size) == TILE_WIDTH
            self._tiles[level, index] = split_hashes((_full if is_full else _so_far)(level, index))
        return self._tiles[level, index]


def tree_size() -> int:
    """How many entries have a place in the tree."""
    last = Leaf.objects.order_by("-leaf_index").values_list("leaf_index", flat=True).first()
    return 0 if last is None else last + 1


def read_tile(level: int, index: int, width: int = TILE_WIDTH) -> bytes | None:
    """The first `width` hashes of a tile (1 to 256), in a row; None when the tree doesn't hold so many there."""
    if level < 0 or index < 0 or not 1 <= width <= TILE_WIDTH:
        return None
    found = _hashes(level, index)[: width * merkle.HASH_BYTES]
    return found if len(found) == width * merkle.HASH_BYTES else None


def leaf_data_range(start: int, end: int) -> list[bytes]:
    """The leaf data (64 bytes each) of the places from `start` to before `end`; fewer when the tree ends before."""
    rows = Leaf.objects.filter(leaf_index__gte=start, leaf_index__lt=end).order_by("leaf_index")
    return [bytes(one) for one in rows.values_list("entry__leaf", flat=True)]


def root_at(size: int) -> bytes:
    """The root of the tree of the first `size` leaves. Raises NotInLog beyond its end."""
    return merkle.root_of(size, TileNodes(size))


def inclusion_proof(leaf_index: int, size: int) -> Proof:
    """That the leaf at `leaf_index` is in the tree of the first `size` leaves. Raises ValueError, NotInLog."""
    read = TileNodes(size)
    hashes = merkle.inclusion_proof(leaf_index, size, read)
    return Proof(leaf_index, size, read(0, leaf_index), tuple(hashes), merkle.root_of(size, read))


def consistency_proof(old_size: int, new_size: int) -> list[bytes]:
    """That the tree of `new_size` leaves begins with that of `old_size`. Raises ValueError, NotInLog."""
    return merkle.consistency_proof(old_size, new_size, TileNodes(new_size))


def entry_proof(entry: Entry) -> EntryProof:
    """The entry's place and its proof in the latest checkpoint. Raises NotInLog while none covers it."""
    leaf_index = Leaf.objects.filter(entry_id=entry.pk).values_list("leaf_index", flat=True).first()
    checkpoint = latest_checkpoint()
    if leaf_index is None or checkpoint is None or leaf_index >= checkpoint.size:
        raise NotInLog(f"no checkpoint covers the entry {entry.pk} yet")
    return EntryProof(entry, inclusion_proof(leaf_index, checkpoint.size), checkpoint)


def latest_checkpoint() -> Checkpoint | None:
    """The checkpoint of the largest tree; None before the first."""
    return Checkpoint.objects.order_by("-size").first()


def is_entered(*, kind: str, stream: str, facts: dict[str, int | str]) -> bool:
    """Whether the stream has an entry of this kind whose body says these facts."""
    return _entries_with(kind, stream, facts).exists()


def _entries_with(kind: str, stream: str, facts: dict[str, int | str]) -> QuerySet[Entry]:
    said = {f"body__{name}": value for name, value in facts.items()}
    return Entry.objects.filter(kind__in=every_name(kind), stream=stream, **said)


def covering_checkpoint(*, kind: str, stream: str, facts: dict[str, int | str]) -> Checkpoint | None:
    """The first checkpoint over the first entry of this kind on the stream whose body says these facts; None before."""
    entries = _entries_with(kind, stream, facts)
    place = Leaf.objects.filter(entry_id__in=entries.values("pk")).order_by("leaf_index").values("leaf_index")[:1]
    return Checkpoint.objects.filter(size__gt=place).order_by("size").first()


def checkpoint_note(size: int | None = None) -> str | None:
    """The checkpoint of that size (the latest without one) with its cosignatures, as text; None when there is none."""
    found = latest_checkpoint() if size is None else Checkpoint.objects.filter(size=size).first()
    if found is None:
        return None
    return found.note + "".join(f"{one.line}\n" for one in found.cosignatures.order_by("pk"))


def log_keys() -> list[LogKey]:
    """Every key that the log has ever signed with, newest first, from its own entries."""
    found: dict[str, LogKey] = {}
    for entry in Entry.objects.filter(stream=KEY_STREAM).order_by("pk"):
        text = str(entry.body["key"])
        if entry.kind != KEY_RETIRED:
            found[text] = LogKey(VerifierKey.parse(text), entry, None)
        elif text in found:
            found[text] = LogKey(found[text].key, found[text].introduced, entry)
    return sorted(found.values(), key=lambda one: -one.introduced.pk)


def configured_origin() -> str:
    """The name of this log: the first line of its checkpoints, and the name of its keys."""
    return str(settings.AUDIT_LOG_ORIGIN)


def _hashes(level: int, index: int) -> bytes:
    return _full(level, index) or _so_far(level, index)


def _full(level: int, index: int) -> bytes:
    """The hashes of a full tile; empty as long as it isn't."""
    found = Tile.objects.filter(level=level, tile_index=index).values_list("hashes", flat=True).first()
    return bytes(found or b"")


def _so_far(level: int, index: int) -> bytes:
    """The hashes of a tile as far as the tree has grown, from what lies below."""
    start, end = index * TILE_WIDTH, (index + 1) * TILE_WIDTH
    if level == 0:
        leaves = Leaf.objects.filter(leaf_index__gte=start, leaf_index__lt=end).order_by("leaf_index")
        return b"".join(bytes(one) for one in leaves.values_list("leaf_hash", flat=True))
    tiles = Tile.objects.filter(level=level - 1, tile_index__gte=start, tile_index__lt=end).order_by("tile_index")
    return b"".join(bytes(one) for one in tiles.values_list("root", flat=True))
