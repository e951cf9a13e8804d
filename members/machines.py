"""The state machines of plan drafts and of the end of a plan."""

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
        Transition("settle", ("ended",), "settled", "The last shared period is charged and the surplus handed on."),
        Transition("withdraw", ("proposed",), "withdrawn", "A reviewer takes the proposal back."),
    ),
)
