"""Tables of the pool, the panels, the ballots and the opinions."""

from jury.models.addenda import Addendum
from jury.models.ballots import Ballot, BallotFault, BallotOpening, CountedToken, SeatDispute
from jury.models.jurors import Juror
from jury.models.opinions import Opinion, OpinionRequest
from jury.models.panels import DrawStep, Panel, Seat

__all__ = [
    "Addendum",
    "Ballot",
    "BallotFault",
    "BallotOpening",
    "CountedToken",
    "DrawStep",
    "Juror",
    "Opinion",
    "OpinionRequest",
    "Panel",
    "Seat",
    "SeatDispute",
]
