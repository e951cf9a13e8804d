"""Addresses of the start page, for jurors, and for professionals."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from adjudication.views import home, opinions, seats

urlpatterns: list[URLPattern | URLResolver] = [
    path("home/", home.Home.as_view(), name="home"),
    path("seats/", seats.SeatList.as_view(), name="seat_list"),
    path("seats/<int:pk>/", seats.SeatDetail.as_view(), name="seat_detail"),
    path("seats/<int:pk>/ballot/", seats.BallotCast.as_view(), name="ballot_cast"),
    path("seats/<int:pk>/done/", seats.BallotDone.as_view(), name="ballot_done"),
    path("seats/<int:pk>/step-down/", seats.SeatRecuse.as_view(), name="seat_recuse"),
    path("opinions/", opinions.OpinionList.as_view(), name="opinion_list"),
    path("opinions/<int:pk>/", opinions.OpinionDetail.as_view(), name="opinion_detail"),
]
