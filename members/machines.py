"""The state machines of plan drafts, ends of plans, deliveries of messages and questions about identities."""

from audit.machines import Machine, Transition

PLAN_DRAFT = Machine(
    name="plan draft",
    initial="drafting",
    states=("drafting", "proposed", "published", "withdrawn"),
    transitions=(
        Transition("propose", ("drafting",), "proposed", "A reviewer proposes the text as it stands."),
        Transition("send_back", ("proposed",), "drafting", "A reviewer wants the text changed first."),
        Transition("publish", ("proposed",), "published", "Another reviewer confirms it: the version is published."),
        Transition("withdraw", ("drafting", "proposed"), "withdrawn", "A reviewer gives the draft up."),
    ),
)

DISSOLUTION = Machine(
    name="dissolution",
    initial="proposed",
    states=("proposed", "confirmed", "ended", "settled", "withdrawn"),
    transitions=(
        Transition("confirm", ("proposed",), "confirmed", "Another reviewer confirms it: nobody can join any more."),
        Transition("end", ("confirmed",), "ended", "The day has come, and every membership of the plan has ended."),
        Transition("settle", ("ended",), "settled", "The last shared period is charged and the surplus distributed."),
        Transition("withdraw", ("proposed",), "withdrawn", "A reviewer takes the proposal back."),
    ),
)

DELIVERY = Machine(
    name="delivery",
    initial="waiting",
    states=("waiting", "trying", "taken", "delivered", "bounced", "failed", "unknown", "dropped"),
    transitions=(
        Transition("begin", ("waiting",), "trying", "A worker takes it, for a limited time."),
        Transition("postpone", ("trying",), "waiting", "The channel is away, or asks for another try later."),
        Transition(
            "hand_over", ("trying",), "taken", "The channel took it: the next mail server, or the text service."
        ),
        Transition("give_up", ("waiting", "trying"), "failed", "It was refused permanently, or tried for three days."),
        Transition(
            "lose", ("trying",), "unknown", "The worker died while it handed it over: nobody knows whether it went out."
        ),
        Transition("drop", ("waiting",), "dropped", "What it says had passed before it could be sent."),
        Transition(
            "confirm",
            ("taken", "unknown"),
            "delivered",
            "The channel reports that it arrived, or its reader opened the message.",
        ),
        Transition(
            "bounce", ("taken", "unknown", "delivered"), "bounced", "It came back: the address does not take it."
        ),
        Transition("retry", ("failed", "bounced", "unknown"), "waiting", "A member of staff has it sent again."),
    ),
)

IDENTITY_QUESTION = Machine(
    name="identity question",
    initial="open",
    states=("open", "confirmed", "refuted"),
    transitions=(
        Transition("confirm", ("open", "refuted"), "confirmed", "A reviewer has seen who the person is."),
        Transition("refute", ("open",), "refuted", "A reviewer has found that it is not shown who the person is."),
    ),
)

MACHINES = (PLAN_DRAFT, DISSOLUTION, DELIVERY, IDENTITY_QUESTION)
