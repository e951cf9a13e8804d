"""The classes of the columns of the log and of the sweeps."""

from audit.columns import Columns

ENTRY = Columns("audit_entry", is_append_only=True)
LEAF = Columns("audit_leaf", is_append_only=True)
TILE = Columns("audit_tile", is_append_only=True)
CHECKPOINT = Columns("audit_checkpoint", is_append_only=True)
COSIGNATURE = Columns("audit_cosignature", is_append_only=True)
PENDING = Columns("audit_pending", at_insert="entry_id")
SWEEP_RUN = Columns(
    "audit_sweeprun",
    at_insert="id task known_since",
    free={
        "began_at ended_at through_at rows failed held fault at_part at_row": (
            "Every run writes over what the last one left; nothing is decided by it."
        ),
    },
)
SWEEP_FAULT = Columns(
    "audit_sweepfault",
    at_insert="id task part row label first_at",
    once="ended_at",
    free={"fault last_at times next_at": "Every failure of the same row is counted here."},
)

COLUMNS = (ENTRY, LEAF, TILE, CHECKPOINT, COSIGNATURE, PENDING, SWEEP_RUN, SWEEP_FAULT)
