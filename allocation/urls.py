"""Addresses of the app."""

from __future__ import annotations

import datetime as dt

from django.urls import URLPattern, URLResolver, path, register_converter

from allocation.views import (
    arrears,
    board,
    claims,
    debtors,
    dissolutions,
    home,
    joining,
    leaving,
    ledger,
    moves,
    payments,
    public,
    statements,
    what_if,
)


class DayInPath:
    """A day written year-month-day."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:
        """Read it; a day that does not exist is no such page."""
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date | str) -> str:
        """Write it."""
        return value if isinstance(value, str) else value.isoformat()


register_converter(DayInPath, "day")

urlpatterns: list[URLPattern | URLResolver] = [
    path("home/", home.MemberHome.as_view(), name="home"),
    path("claims/<str:ref>/", claims.MemberClaim.as_view(), name="claim_detail"),
    path("memberships/<int:pk>/leave/", leaving.LeavePage.as_view(), name="membership_leave"),
    path("memberships/<int:pk>/move/", moves.MoveList.as_view(), name="membership_moves"),
    path("memberships/<int:pk>/move/<slug:code>/", moves.MovePage.as_view(), name="membership_move"),
    path("plans/<slug:code>/join/", joining.JoinPage.as_view(), name="membership_join"),
    path("periods/", public.PeriodList.as_view(), name="period_list"),
    path("periods/<slug:plan>/<day:notice_on>/", public.PeriodDetail.as_view(), name="period_detail"),
    path("statements/", statements.StatementList.as_view(), name="statement_list"),
    path("statements/<int:pk>/pay/", arrears.ArrearPay.as_view(), name="arrear_pay"),
    path("board/claims/<str:ref>/", claims.ReviewerClaim.as_view(), name="board_claim"),
    path("board/arrears/", arrears.ArrearBoard.as_view(), name="arrear_board"),
    path("board/arrears/not-reached/", debtors.DebtorList.as_view(), name="debtor_list"),
    path("board/arrears/not-reached/<uuid:public_id>/", debtors.DebtorDetail.as_view(), name="debtor_detail"),
    path("board/arrears/<slug:plan>/", arrears.ArrearList.as_view(), name="arrear_list"),
    path("board/refunds/<int:pk>/ask/", arrears.RefundAsk.as_view(), name="refund_ask"),
    path("board/periods/", board.PeriodBoard.as_view(), name="period_board"),
    path("board/periods/<slug:plan>/", board.PeriodPreview.as_view(), name="period_preview"),
    path("board/periods/<slug:plan>/publish/", board.PeriodPublish.as_view(), name="period_publish"),
    path("board/periods/<slug:plan>/<day:notice_on>/charge/", board.PeriodCharge.as_view(), name="period_charge"),
    path("board/payments/", payments.PaymentBoard.as_view(), name="payment_board"),
    path("board/payments/progress/", payments.PaymentProgress.as_view(), name="payment_progress"),
    path("board/payments/ask/", payments.PaymentAsk.as_view(), name="payment_ask"),
    path("board/payouts/<int:pk>/ask/", board.PayoutAsk.as_view(), name="payout_ask"),
    path("board/ledger/<slug:plan>/", ledger.Ledger.as_view(), name="ledger"),
    path("board/plans/<slug:plan>/end/", dissolutions.DissolutionPage.as_view(), name="dissolution"),
    path("board/plans/<slug:plan>/end/propose/", dissolutions.DissolutionPropose.as_view(), name="dissolution_propose"),
    path("board/dissolutions/<int:pk>/confirm/", dissolutions.DissolutionConfirm.as_view(), name="dissolution_confirm"),
    path(
        "board/dissolutions/<int:pk>/withdraw/", dissolutions.DissolutionWithdraw.as_view(), name="dissolution_withdraw"
    ),
    path("board/plans/<slug:plan>/what-if/", what_if.WhatIfPage.as_view(), name="what_if"),
]
