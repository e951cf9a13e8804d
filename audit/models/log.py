"""The tree over the entries: their places, its tiles, its checkpoints and who has cosigned them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from audit import own_columns
from audit.columns import column_triggers
from audit.models.entries import Entry
from audit.rows import Row


class Pending(Row):
    """A committed entry that has no place in the tree yet. A trigger fills it; the sequencer empties it."""

    entry_id = models.BigIntegerField(primary_key=True)

    class Meta:
        db_table = "audit_pending"
        default_permissions = ()
        triggers: ClassVar[list[object]] = column_triggers(own_columns.PENDING)


class Leaf(Row):
    """The place of an entry in the tree. Written once, without a gap, in the order of a stream's entries."""

    leaf_index = models.BigIntegerField(primary_key=True)
    # No foreign key in the database: the sequencer joins the entry in the statement that writes the row, and checking
    # it again would double the cost.
    entry = models.OneToOneField(Entry, on_delete=models.DO_NOTHING, db_constraint=False, related_name="place")
    leaf_hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "audit_leaf"
        default_permissions = ()


class Tile(Row):
    """256 neighbouring hashes of one level of the tree (C2SP tlog-tiles), kept once all are known, and their root."""

    pk = models.CompositePrimaryKey("level", "tile_index")
    level = models.SmallIntegerField()
    tile_index = models.BigIntegerField()
    hashes = models.BinaryField(max_length=256 * 32)
    root = models.BinaryField(max_length=32)

    class Meta:
        db_table = "audit_tile"
        default_permissions = ()


class Checkpoint(Row):
    """The tree at one size, signed: a C2SP signed note. `key_id` is the hash of the newest key that signed it.

    `signed_at` is for people: the order of checkpoints is that of their sizes.
    """

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    key_id = models.CharField(max_length=8)
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "audit_checkpoint"
        default_permissions = ()
        ordering = ["-size"]

    def __str__(self) -> str:
        return f"{self.size} {bytes(self.root).hex()}"


class Cosignature(Row):
    """A witness's signature that a checkpoint continues all it has seen: its signature line, as received."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="cosignatures")
    witness = models.CharField(max_length=200)
    key_hash = models.CharField(max_length=8)
    line = models.TextField()
    cosigned_at = models.DateTimeField()

    class Meta:
        db_table = "audit_cosignature"
        default_permissions = ()
        ordering = ["checkpoint", "witness", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "witness", "key_hash"], name="one_cosignature_a_witness")
        ]

    def __str__(self) -> str:
        return self.line
