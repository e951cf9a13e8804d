"""Addresses of the app: plans for everybody, joining and leaving for whoever has a log-in."""

from __future__ import annotations

from django.urls import path

from members.views.memberships import JoinPage, LeavePage
from members.views.plans import PlanDetail, PlanFile, PlanList

urlpatterns = [
    path("plans/", PlanList.as_view(), name="plan_list"),
    path("plans/<slug:code>/", PlanDetail.as_view(), name="plan_detail"),
    path("plans/<slug:code>/versions/<slug:label>.toml", PlanFile.as_view(), name="plan_file"),
    path("plans/<slug:code>/join/", JoinPage.as_view(), name="membership_join"),
    path("memberships/<int:pk>/leave/", LeavePage.as_view(), name="membership_leave"),
]
