"""The API of periods, statements and the ledger: the same selectors and services as the pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from allocation.api import serializers
from allocation.models import Period, Transaction
from allocation.selectors.ledger import transactions, trial_balance
from allocation.selectors.notices import notice, with_claim_counts
from allocation.selectors.periods import next_notice_day, preview, published
from allocation.selectors.statements import statements_of
from allocation.services.periods import charge_period, publish_notice
from members.access import allow, is_auditor, is_member, is_reviewer
from members.models import Plan
from members.selectors.plans import plans

PLAN = OpenApiParameter("plan", str, required=True, description="The plan's code.")
REFUSED = OpenApiResponse(description="A rule forbids it; the answer names the thing, the rule and the next step.")


class PeriodFilter(django_filters.FilterSet):
    plan = django_filters.CharFilter(field_name="plan__code")
    notice_on = django_filters.DateFilter()


class TransactionFilter(django_filters.FilterSet):
    plan = django_filters.CharFilter(field_name="plan__code")
    period = django_filters.NumberFilter(field_name="period_id")


def _asked_plan(request: Request) -> Plan:
    code = request.query_params.get("plan")
    if not code:
        raise ValidationError({"plan": _("Say which plan: ?plan= and its code.")})
    return get_object_or_404(plans(), code=code)


def _detail(period_id: int) -> Response:
    period = get_object_or_404(with_claim_counts(published()), pk=period_id)
    context = {"notice": notice(period)}
    return Response(serializers.PeriodDetailSerializer(period, context=context).data)


class PeriodList(generics.ListAPIView[Period]):
    """Every published period, newest first; public."""

    permission_classes = [AllowAny]
    serializer_class = serializers.PeriodSerializer
    filterset_class = PeriodFilter

    def get_queryset(self) -> QuerySet[Period]:
        return with_claim_counts(published())


class PeriodDetail(APIView):
    """One period with its claims, shares and proof; public."""

    permission_classes = [AllowAny]

    @extend_schema(responses=serializers.PeriodDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _detail(pk)


class PeriodPreview(APIView):
    """What a plan's next notice would say now; for reviewers."""

    permission_classes = [allow(is_reviewer)]

    @extend_schema(parameters=[PLAN], responses={200: serializers.PreviewSerializer, 409: REFUSED})
    def get(self, request: Request) -> Response:
        plan = _asked_plan(request)
        return Response(serializers.PreviewSerializer(preview(plan, next_notice_day(plan))).data)


class PeriodPublish(APIView):
    """A reviewer publishes a notice."""

    permission_classes = [allow(is_reviewer)]

    @extend_schema(
        request=serializers.PublishSerializer,
        responses={201: serializers.PeriodDetailSerializer, 409: REFUSED},
    )
    def post(self, request: Request) -> Response:
        asked = serializers.PublishSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        plan = get_object_or_404(plans(), code=asked.validated_data["plan"])
        notice_on = asked.validated_data["notice_on"]
        period = publish_notice(
            plan=plan,
            notice_on=notice_on,
            by=request.user,  # type: ignore[arg-type]
        )
        response = _detail(period.pk)
        response.status_code = status.HTTP_201_CREATED
        return response


class PeriodCharge(APIView):
    """A reviewer charges a noticed period."""

    permission_classes = [allow(is_reviewer)]

    @extend_schema(request=None, responses={200: serializers.PeriodDetailSerializer, 409: REFUSED})
    def post(self, request: Request, pk: int) -> Response:
        period = get_object_or_404(published(), pk=pk)
        charge_period(
            period_id=period.pk,
            by=request.user,  # type: ignore[arg-type]
        )
        return _detail(pk)


class StatementList(APIView):
    """The statements of a member and of those they pay for."""

    permission_classes = [allow(is_member)]

    @extend_schema(responses=serializers.StatementSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(serializers.StatementSerializer(statements_of(request.user), many=True).data)


class LedgerBalance(APIView):
    """A plan's trial balance; for reviewers and auditors."""

    permission_classes = [allow(is_reviewer, is_auditor)]

    @extend_schema(parameters=[PLAN], responses=serializers.TrialBalanceSerializer)
    def get(self, request: Request) -> Response:
        return Response(serializers.TrialBalanceSerializer(trial_balance(_asked_plan(request))).data)


class TransactionList(generics.ListAPIView[Transaction]):
    """The ledger's transactions with their postings, newest first; for reviewers and auditors."""

    permission_classes = [allow(is_reviewer, is_auditor)]
    serializer_class: type[BaseSerializer[Any]] = serializers.TransactionSerializer
    filterset_class = TransactionFilter

    def get_queryset(self) -> QuerySet[Transaction]:
        return transactions()
