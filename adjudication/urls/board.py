"""Addresses for the reviewer."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from adjudication.views.addenda import BoardAddendum
from adjudication.views.board import Board, DecisionIssue, ReportReturn
from adjudication.views.clocks import ClockList
from adjudication.views.findings import LateFindings
from adjudication.views.holds import Hold, HoldLift, HoldRenew
from adjudication.views.people import PersonDetail
from adjudication.views.relations import RelationDeclare, RelationList, RelationSettle, RelationWithdraw
from adjudication.views.unreached import UnreachedDetail, UnreachedList
from adjudication.views.withdrawals import WithdrawalPage

urlpatterns: list[URLPattern | URLResolver] = [
    path("board/", Board.as_view(), name="board"),
    path("board/clocks/", ClockList.as_view(), name="clock_list"),
    path("board/people/<int:pk>/", PersonDetail.as_view(), name="person_detail"),
    path("board/messages/unreached/", UnreachedList.as_view(), name="unreached_list"),
    path("board/messages/unreached/<uuid:public_id>/", UnreachedDetail.as_view(), name="unreached_detail"),
    path("board/claims/<str:ref>/decision/", DecisionIssue.as_view(), name="decision_issue"),
    path("board/claims/<str:ref>/return/", ReportReturn.as_view(), name="report_return"),
    path("board/claims/<str:ref>/late-findings/", LateFindings.as_view(), name="late_findings"),
    path("board/claims/<str:ref>/addendum/", BoardAddendum.as_view(), name="board_addendum"),
    path("board/claims/<str:ref>/hold/", Hold.as_view(), name="hold"),
    path("board/claims/<str:ref>/hold/renew/", HoldRenew.as_view(), name="hold_renew"),
    path("withdrawals/<int:pk>/", WithdrawalPage.as_view(), name="withdrawal"),
    path("board/claims/<str:ref>/hold/lift/", HoldLift.as_view(), name="hold_lift"),
    path("board/claims/<str:ref>/relation/", RelationDeclare.as_view(), name="relation_declare"),
    path("board/relations/", RelationList.as_view(), name="relation_list"),
    path("board/relations/<int:pk>/withdraw/", RelationWithdraw.as_view(), name="relation_withdraw"),
    path("board/relations/<int:pk>/settle/", RelationSettle.as_view(), name="relation_settle"),
]
