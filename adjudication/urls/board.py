"""Addresses for the reviewer."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from adjudication.views.board import Board, BoardClaim, DecisionIssue, ReportReturn
from adjudication.views.holds import Hold, HoldLift
from adjudication.views.people import PersonDetail

urlpatterns: list[URLPattern | URLResolver] = [
    path("board/", Board.as_view(), name="board"),
    path("board/people/<int:pk>/", PersonDetail.as_view(), name="person_detail"),
    path("board/claims/<str:ref>/", BoardClaim.as_view(), name="board_claim"),
    path("board/claims/<str:ref>/decision/", DecisionIssue.as_view(), name="decision_issue"),
    path("board/claims/<str:ref>/return/", ReportReturn.as_view(), name="report_return"),
    path("board/claims/<str:ref>/hold/", Hold.as_view(), name="hold"),
    path("board/claims/<str:ref>/hold/lift/", HoldLift.as_view(), name="hold_lift"),
]
