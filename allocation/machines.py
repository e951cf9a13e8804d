"""The state machines of periods, collections, arrears, payouts and refunds."""

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
        Transition("escalate", ("sent",), "unknown", "No answer for hours, or a refusal: escalated to a person."),
    ),
)

ARREAR = Machine(
    name="arrear",
    initial="owed",
    states=("owed", "settled", "written_off", "netted"),
    transitions=(
        Transition("settle", ("owed",), "settled", "A retry collected the share."),
        Transition("write_off", ("owed",), "written_off", "The membership has ended: the sponsor bears the share."),
        Transition("net", ("owed", "written_off"), "netted", "The share is taken off the member's aid."),
    ),
)

RETRY = Machine(
    name="retry",
    initial="sent",
    states=("sent", "settled", "refused"),
    transitions=(
        Transition("settle", ("sent",), "settled", "The payment service confirms that the share was paid."),
        Transition("refuse", ("sent",), "refused", "The payment service says that the share was not paid."),
    ),
)

REFUND = Machine(
    name="refund",
    initial="opened",
    states=("opened", "pending", "sent", "settled", "unknown"),
    transitions=(
        Transition(
            "calculate", ("opened",), "pending", "Everything that the membership had to pay is paid or written off."
        ),
        Transition("close_empty", ("opened",), "settled", "The membership had paid nothing."),
        Transition("send", ("pending",), "sent", "The order is committed under its key and then sent."),
        Transition("settle", ("sent", "unknown"), "settled", "The payment service confirms the settlement."),
        Transition("escalate", ("sent",), "unknown", "No answer for hours, or a refusal: escalated to a person."),
    ),
)

MACHINES = (PERIOD, COLLECTION, PAYOUT, ARREAR, RETRY, REFUND)
