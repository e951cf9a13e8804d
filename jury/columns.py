"""The classes of the columns of jurors, panels, ballots and opinions."""

from audit.columns import Columns, Moved
from jury import machines

JUROR = Columns(
    "jury_juror",
    at_insert="id plan_id number person_id membership_id exam_passed_at qualified_at hospital_digest",
    once="lapsed_at",
)
PANEL = Columns(
    "jury_panel",
    machine=machines.PANEL,
    at_insert="id plan_id case_ref round case_file file_digest case_facts rules_digest seats_wanted quorum pool_high "
    "commitment commitment_digest committed_at nonce_due_at chain_index voting_hours extension_hours public_key "
    "wrapped_private_key",
    once="nonce checkpoint_size is_extended addendum_at close_waits_since",
    moved=(
        Moved("entropy drawn_at", ("seat",)),
        Moved("verdict support_count against_count medical_flag_count closed_in", ("close",)),
        Moved("closed_at", ("close", "abandon")),
    ),
    free={"closes_at": "Set by the draw, moved by an addendum or an extension; a trigger of its own checks which."},
)
SEAT = Columns(
    "jury_seat",
    machine=machines.SEAT,
    at_insert="id panel_id juror_id place summoned_at",
    once="first_seen_at",
    moved=(Moved("recused_at recusal_reason", ("recuse",)),),
)
DRAW_STEP = Columns("jury_drawstep", is_append_only=True)
ADDENDUM = Columns("jury_addendum", is_append_only=True)
BALLOT = Columns("jury_ballot", is_append_only=True)
BALLOT_OPENING = Columns("jury_ballotopening", is_append_only=True)
COUNTED_TOKEN = Columns("jury_countedtoken", is_append_only=True)
BALLOT_FAULT = Columns("jury_ballotfault", is_append_only=True)
SEAT_DISPUTE = Columns("jury_seatdispute", is_append_only=True)
OPINION_REQUEST = Columns(
    "jury_opinionrequest",
    machine=machines.OPINION_REQUEST,
    at_insert="id plan_id case_ref round questions triggers_met case_file file_digest opened_at due_at",
    moved=(Moved("conclusion", ("close",)), Moved("closed_at", ("close", "abandon"))),
)
OPINION = Columns(
    "jury_opinion",
    at_insert="id request_id professional_id assigned_at",
    once="answers conclusion reasons confidence missing literature given_at recused_at recusal_reason",
    free={"facts": "Encrypted also while it is empty; a trigger of its own keeps it once the opinion is given."},
)

COLUMNS = (
    JUROR,
    PANEL,
    SEAT,
    DRAW_STEP,
    ADDENDUM,
    BALLOT,
    BALLOT_OPENING,
    COUNTED_TOKEN,
    BALLOT_FAULT,
    SEAT_DISPUTE,
    OPINION_REQUEST,
    OPINION,
)
