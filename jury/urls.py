"""Addresses of the app."""

from __future__ import annotations

from django.urls import path

from jury.views import DrawRecordPage, JoinJury, VoteRecordPage

urlpatterns = [
    path("jury/join/", JoinJury.as_view(), name="juror_join"),
    path("draws/<str:case_ref>/<int:round>/", DrawRecordPage.as_view(), name="draw_record"),
    path("votes/<str:case_ref>/<int:round>/", VoteRecordPage.as_view(), name="vote_record"),
]
