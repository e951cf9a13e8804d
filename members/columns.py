"""The classes of the columns of people, log-ins, plans, memberships and messages."""

from audit.columns import Columns, During, Moved
from members import machines

USER = Columns(
    "members_user",
    at_insert="id name is_superuser is_staff is_active joined_at",
    free={
        "password last_login": "The log-in's own, written by the library.",
        "email": "Its holder confirms another address, which is theirs from then on.",
        "language": "That in which they last read pages.",
    },
)
ROLE_GRANT = Columns("members_rolegrant", at_insert="id user_id role granted_at", once="revoked_at")
PERSON = Columns(
    "members_person",
    at_insert="id public_id payer_id sex import_key created_at",
    erased="sealed name_digest born_digest id_digest phone_digest address_digest employer_digest",
    once="user_id",
)
PLAN = Columns(
    "members_plan", at_insert="id code title_en title_zh currency currency_exponent timezone", is_locked=True
)
PLAN_VERSION = Columns("members_planversion", is_append_only=True)
PLAN_DRAFT = Columns(
    "members_plandraft",
    machine=machines.PLAN_DRAFT,
    at_insert="id based_on_id created_by_id created_at",
    moved=(
        Moved("remark proposed_by_id proposed_at", ("propose", "send_back")),
        Moved("confirmed_by_id confirmed_at version_id", ("publish",)),
    ),
    during=(
        During("plan_code source revision", ("drafting",), "A reviewer writes it."),
        During("saved_at", ("drafting", "proposed"), "Follows every act on the draft."),
    ),
)
MEMBERSHIP = Columns(
    "members_membership",
    at_insert="id plan_id person_id joined_at waits_from first_notice_on is_gifted moved_from_id",
    once="left_at end_reason",
    free={
        "previous_left_at": "An import can put an earlier membership before one that is stored; constraints check it.",
        "carried_minor": "The charge corrects what somebody carries in who came back since the notice.",
    },
)
HEALTH_STATEMENT = Columns("members_healthstatement", is_append_only=True)
UNMASKING = Columns("members_unmasking", is_append_only=True)
PAST_AGE = Columns("members_pastage", at_insert="id membership_id warned_at", once="reached_at closed_at")
IDENTITY_QUESTION = Columns(
    "members_identityquestion",
    machine=machines.IDENTITY_QUESTION,
    at_insert="id person_id doubts row asked_at",
    moved=(Moved("reason settled_at settled_by_id"),),
)
DISSOLUTION = Columns(
    "members_dissolution",
    machine=machines.DISSOLUTION,
    at_insert="id plan_id plan_version_id notice_on members members_needed surplus_to proposed_by_id proposed_at",
    moved=(
        Moved("ends_on ends_at confirmed_by_id confirmed_at", ("confirm",)),
        Moved("withdrawn_by_id withdrawn_at", ("withdraw",)),
        Moved("ended_at", ("end",)),
        Moved("surplus_minor per_member_minor settled_at", ("settle",)),
    ),
    during=(During("members_ended ended_through", ("confirmed",), "Counts on with each batch of memberships."),),
)
MESSAGE = Columns(
    "members_message",
    at_insert="id public_id to_user_id to_person_id kind params entry_id about due_at written_at",
    once="read_at",
)
DELIVERY = Columns(
    "members_delivery",
    machine=machines.DELIVERY,
    at_insert="id message_id channel token",
    once="to_address",
    moved=(
        Moved("next_at held_until changed_at fault"),
        Moved("tries sent_to", ("begin",)),
        Moved("first_due_at", ("retry",)),
        Moved("taken_at", ("hand_over",)),
        Moved("arrived_at", ("confirm",)),
        Moved("bounced_at", ("bounce",)),
    ),
)
DELIVERY_REPORT = Columns("members_deliveryreport", is_append_only=True)
MAIL_CHOICE = Columns(
    "members_mailchoice",
    at_insert="id user_id kind",
    free={"is_wanted chosen_at": "Its holder may choose otherwise at any time."},
)
CONTACT_ATTEMPT = Columns("members_contactattempt", is_append_only=True)
BROADCAST = Columns(
    "members_broadcast",
    at_insert="id plan_id kind params entry_id counted_at written_at",
    once="is_mailed",
    free={"mailed_to": "Counts on with each batch of messages."},
)
BROADCAST_READING = Columns("members_broadcastreading", at_insert="id user_id broadcast_id read_at")
STAFF_DIGEST = Columns("members_staffdigest", at_insert="id user_id on_day is_sent made_at")

COLUMNS = (
    USER,
    ROLE_GRANT,
    PERSON,
    PLAN,
    PLAN_VERSION,
    PLAN_DRAFT,
    MEMBERSHIP,
    HEALTH_STATEMENT,
    UNMASKING,
    PAST_AGE,
    IDENTITY_QUESTION,
    DISSOLUTION,
    MESSAGE,
    DELIVERY,
    DELIVERY_REPORT,
    MAIL_CHOICE,
    CONTACT_ATTEMPT,
    BROADCAST,
    BROADCAST_READING,
    STAFF_DIGEST,
)
