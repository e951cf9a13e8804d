"""Tables of the pool, the panels, the ballots and the opinions."""

from jury.models.ballots import Ballot, BallotOpening
from jury.models.jurors import Juror
from jury.models.opinions import Opinion, OpinionRequest
from jury.models.panels import DrawStep, Panel, Seat

__all__ = ["Ballot", "BallotOpening", "DrawStep", "Juror", "Opinion", "OpinionRequest", "Panel", "Seat"]
