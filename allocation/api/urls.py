"""API addresses of the app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from allocation.api import views, what_if

urlpatterns: list[URLPattern | URLResolver] = [
    path("periods/", views.PeriodList.as_view(), name="api-period-list"),
    path("periods/preview/", views.PeriodPreview.as_view(), name="api-period-preview"),
    path("periods/publish/", views.PeriodPublish.as_view(), name="api-period-publish"),
    path("periods/<int:pk>/", views.PeriodDetail.as_view(), name="api-period-detail"),
    path("periods/<int:pk>/charge/", views.PeriodCharge.as_view(), name="api-period-charge"),
    path("statements/", views.StatementList.as_view(), name="api-statement-list"),
    path("ledger/", views.LedgerBalance.as_view(), name="api-ledger-list"),
    path("ledger/transactions/", views.TransactionList.as_view(), name="api-transaction-list"),
    path("what-if/", what_if.WhatIfView.as_view(), name="api-what-if"),
]
