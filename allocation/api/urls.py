"""API addresses of the app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from allocation.api import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("periods/", views.PeriodList.as_view(), name="api_period_list"),
    path("periods/preview/", views.PeriodPreview.as_view(), name="api_period_preview"),
    path("periods/publish/", views.PeriodPublish.as_view(), name="api_period_publish"),
    path("periods/<int:pk>/", views.PeriodDetail.as_view(), name="api_period_detail"),
    path("periods/<int:pk>/charge/", views.PeriodCharge.as_view(), name="api_period_charge"),
    path("statements/", views.StatementList.as_view(), name="api_statement_list"),
    path("ledger/", views.LedgerBalance.as_view(), name="api_ledger"),
    path("ledger/transactions/", views.TransactionList.as_view(), name="api_transaction_list"),
]
