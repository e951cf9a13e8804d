"""The state machines of periods, collections and payouts."""

from audit.machines import Machine, Transition

PERIOD = Machine(
    name="period",
    initial="noticed",
    states=("noticed", "charged", "settled"),
    transitions=(
        Transition("charge", ("noticed",), "charged", "The charge day has come and a reviewer charges the period."),
        Transition("settle", ("charged",), "settled", "Every collection and every payout of the period is settled."),
    ),
)

COLLECTION = Machine(
    name="collection",
    initial="pending",
    states=("pending", "settled"),
    transitions=(Transition("settle", ("pending",), "settled", "The payment service confirms the collection."),),
)

PAYOUT = Machine(
    name="payout",
    initial="pending",
    states=("pending", "sent", "settled", "unknown"),
    transitions=(
        Transition("send", ("pending",), "sent", "The order is committed under its key and then sent."),
        Transition("settle", ("sent", "unknown"), "settled", "The payment service confirms the settlement."),
        Transition("lose_sight", ("sent",), "unknown", "No answer: the order is queried, and then goes to a person."),
    ),
)
