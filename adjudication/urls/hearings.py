"""Addresses of the start page, for jurors, and for professionals."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from adjudication.views.opinions import OpinionDetail, OpinionList, OpinionRecuse
from adjudication.views.seats import BallotCast, SeatDetail, SeatDisputed, SeatList, SeatRecuse

urlpatterns: list[URLPattern | URLResolver] = [
    path("seats/", SeatList.as_view(), name="seat_list"),
    path("seats/<int:pk>/", SeatDetail.as_view(), name="seat_detail"),
    path("seats/<int:pk>/ballot/", BallotCast.as_view(), name="ballot_cast"),
    path("seats/<int:pk>/dispute/", SeatDisputed.as_view(), name="seat_dispute"),
    path("seats/<int:pk>/step-down/", SeatRecuse.as_view(), name="seat_recuse"),
    path("opinions/", OpinionList.as_view(), name="opinion_list"),
    path("opinions/<int:pk>/", OpinionDetail.as_view(), name="opinion_detail"),
    path("opinions/<int:pk>/step-down/", OpinionRecuse.as_view(), name="opinion_recuse"),
]
