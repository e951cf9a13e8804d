"""API addresses of the app; each module gives its own list."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from adjudication.api import (
    claims,
    clocks,
    decisions,
    evidence,
    holds,
    investigations,
    opinions,
    relations,
    seats,
    serving,
    withdrawals,
)

urlpatterns: list[URLPattern | URLResolver] = [
    *claims.urlpatterns,
    *evidence.urlpatterns,
    *investigations.urlpatterns,
    *seats.urlpatterns,
    *opinions.urlpatterns,
    *decisions.urlpatterns,
    *serving.urlpatterns,
    *withdrawals.urlpatterns,
    *relations.urlpatterns,
    *clocks.urlpatterns,
    *holds.urlpatterns,
]
