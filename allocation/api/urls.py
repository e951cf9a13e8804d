"""API addresses of the app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from allocation.api import arrears, debtors, dissolutions, memberships, payments, views, what_if

urlpatterns: list[URLPattern | URLResolver] = [
    path("memberships/<int:pk>/moves/", memberships.MoveOptions.as_view(), name="api-membership-moves"),
    path("memberships/<int:pk>/move/", memberships.MembershipMove.as_view(), name="api-membership-move"),
    path("plans/<slug:code>/join/", memberships.PlanJoin.as_view(), name="api-plan-join"),
    path("periods/", views.PeriodList.as_view(), name="api-period-list"),
    path("periods/preview/", views.PeriodPreview.as_view(), name="api-period-preview"),
    path("periods/publish/", views.PeriodPublish.as_view(), name="api-period-publish"),
    path("periods/<int:pk>/", views.PeriodDetail.as_view(), name="api-period-detail"),
    path("periods/<int:pk>/charge/", views.PeriodCharge.as_view(), name="api-period-charge"),
    path("statements/", views.StatementList.as_view(), name="api-statement-list"),
    path("arrears/", arrears.ArrearList.as_view(), name="api-arrear-list"),
    path("arrears/totals/", arrears.ArrearTotals.as_view(), name="api-arrear-totals"),
    path("arrears/pay/", arrears.ArrearPay.as_view(), name="api-arrear-pay"),
    path("arrears/not-reached/", debtors.DebtorList.as_view(), name="api-debtor-list"),
    path(
        "arrears/not-reached/<uuid:public_id>/attempts/",
        debtors.DebtorAttempts.as_view(),
        name="api-debtor-attempts",
    ),
    path("refunds/", arrears.RefundList.as_view(), name="api-refund-list"),
    path("payments/", payments.PaymentList.as_view(), name="api-payment-list"),
    path("payments/service/", payments.PaymentServiceState.as_view(), name="api-payment-service"),
    path("payments/ask/", payments.PaymentAsk.as_view(), name="api-payment-ask"),
    path("ledger/", views.LedgerBalance.as_view(), name="api-ledger-list"),
    path("ledger/transactions/", views.TransactionList.as_view(), name="api-transaction-list"),
    path("dissolutions/", dissolutions.DissolutionList.as_view(), name="api-dissolution-list"),
    path("dissolutions/propose/", dissolutions.DissolutionPropose.as_view(), name="api-dissolution-propose"),
    path("dissolutions/<int:pk>/", dissolutions.DissolutionDetail.as_view(), name="api-dissolution-detail"),
    path("dissolutions/<int:pk>/confirm/", dissolutions.DissolutionConfirm.as_view(), name="api-dissolution-confirm"),
    path(
        "dissolutions/<int:pk>/withdraw/", dissolutions.DissolutionWithdraw.as_view(), name="api-dissolution-withdraw"
    ),
    path("what-if/", what_if.WhatIfView.as_view(), name="api-what-if"),
]
