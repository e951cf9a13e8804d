"""Addresses for the reviewer."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from adjudication.views import board

urlpatterns: list[URLPattern | URLResolver] = [
    path("board/", board.Board.as_view(), name="board"),
    path("board/claims/<str:ref>/", board.BoardClaim.as_view(), name="board_claim"),
    path("board/claims/<str:ref>/decision/", board.DecisionIssue.as_view(), name="decision_issue"),
    path("board/claims/<str:ref>/return/", board.ReportReturn.as_view(), name="report_return"),
]
