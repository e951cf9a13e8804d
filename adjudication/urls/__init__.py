"""The addresses of the app, one module for each audience."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from adjudication.urls import board, claims, hearings, investigations

urlpatterns: list[URLPattern | URLResolver] = [
    *claims.urlpatterns,
    *investigations.urlpatterns,
    *hearings.urlpatterns,
    *board.urlpatterns,
]
