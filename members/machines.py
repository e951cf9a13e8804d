"""The state machine of plan drafts."""

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
