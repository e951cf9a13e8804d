"""The state machines of panels, seats and opinion requests."""

from audit.machines import Machine, Transition

PANEL = Machine(
    name="panel",
    initial="committed",
    states=("committed", "open", "closed", "abandoned"),
    transitions=(
        Transition("seat", ("committed",), "open", "The entropy is known: the draw is made and the jurors summoned."),
        Transition("close", ("open",), "closed", "The deadline has passed, or every seat has cast a ballot."),
        Transition("abandon", ("committed", "open"), "abandoned", "The claim was withdrawn."),
    ),
)

SEAT = Machine(
    name="seat",
    initial="summoned",
    states=("summoned", "recused"),
    transitions=(
        Transition("recuse", ("summoned",), "recused", "The juror steps down; the next number drawn is summoned."),
    ),
)

OPINION_REQUEST = Machine(
    name="opinion request",
    initial="open",
    states=("open", "closed", "abandoned"),
    transitions=(
        Transition("close", ("open",), "closed", "Every professional has answered, or the deadline has passed."),
        Transition("abandon", ("open",), "abandoned", "The claim was withdrawn."),
    ),
)

MACHINES = (PANEL, SEAT, OPINION_REQUEST)
