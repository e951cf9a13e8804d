"""The API of unpaid shares and of refunds: members see their own, reviewers and auditors all."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from allocation.models import Arrear, Refund
from allocation.selectors.arrears import arrears_by_plan, arrears_visible_to
from allocation.selectors.refunds import refunds_visible_to
from allocation.services.arrears import pay_arrears
from members.access import allow, is_auditor, is_member, is_reviewer, is_signed_in
from members.selectors.memberships import memberships_of

REFUSED = OpenApiResponse(description="A rule forbids it; the answer names the thing, the rule and the next step.")


class ArrearSerializer(serializers.ModelSerializer[Arrear]):
    """One share whose collection failed; `amount_minor` in minor units. A netted one names its claim.

    No membership ends over it while `served_at` is null: then nothing shows that its notice reached anybody.
    """

    plan = serializers.CharField(source="period.plan.code", read_only=True)
    currency = serializers.CharField(source="period.plan.currency", read_only=True)
    notice_on = serializers.DateField(source="period.notice_on", read_only=True)
    claim = serializers.CharField(source="payout.claim.ref", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Arrear
        fields = [
            "id",
            "membership",
            "plan",
            "currency",
            "notice_on",
            "status",
            "amount_minor",
            "failed_at",
            "grace_ends_at",
            "next_try_at",
            "served_at",
            "served_by",
            "settled_at",
            "written_off_at",
            "claim",
        ]
        read_only_fields = fields


class PayArrearsSerializer(serializers.Serializer[Any]):
    """Whose shares to collect now."""

    membership = serializers.IntegerField()


class ArrearsTotalSerializer(serializers.Serializer[Any]):
    """The shares in one state."""

    status = serializers.ChoiceField(choices=Arrear.Status.choices)
    number = serializers.IntegerField()
    amount_minor = serializers.IntegerField()


class PlanArrearsSerializer(serializers.Serializer[Any]):
    """One plan's shares whose collection failed, by their state now."""

    plan = serializers.CharField(source="plan.code")
    currency = serializers.CharField(source="plan.currency")
    totals = ArrearsTotalSerializer(many=True)
    next_end_at = serializers.DateTimeField(allow_null=True)


class RefundSerializer(serializers.ModelSerializer[Refund]):
    """What a membership has paid, returned; `amount_minor` is null until the last share is settled or written off."""

    claim = serializers.SlugRelatedField[Any](slug_field="ref", read_only=True)
    plan = serializers.CharField(source="membership.plan.code", read_only=True)
    currency = serializers.CharField(source="membership.plan.currency", read_only=True)

    class Meta:
        model = Refund
        fields = ["id", "claim", "membership", "plan", "currency", "status", "amount_minor", "opened_at", "settled_at"]
        read_only_fields = fields


class ArrearFilter(django_filters.FilterSet):
    plan = django_filters.CharFilter(field_name="period__plan__code")
    membership = django_filters.NumberFilter(field_name="membership_id")
    status = django_filters.ChoiceFilter(choices=Arrear.Status.choices)


class RefundFilter(django_filters.FilterSet):
    plan = django_filters.CharFilter(field_name="membership__plan__code")
    status = django_filters.ChoiceFilter(choices=Refund.Status.choices)


class ArrearList(generics.ListAPIView[Arrear]):
    """Unpaid shares, newest first."""

    permission_classes = [allow(is_signed_in)]
    serializer_class = ArrearSerializer
    filterset_class = ArrearFilter

    def get_queryset(self) -> QuerySet[Arrear]:
        if getattr(self, "swagger_fake_view", False):
            return Arrear.objects.none()
        return arrears_visible_to(self.request.user)


class ArrearTotals(APIView):
    """Unpaid shares by plan and state; for reviewers and auditors."""

    permission_classes = [allow(is_reviewer, is_auditor)]

    @extend_schema(responses=PlanArrearsSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(PlanArrearsSerializer(arrears_by_plan(), many=True).data)


class ArrearPay(APIView):
    """Collect everything that a membership owes now; for the member or their payer."""

    permission_classes = [allow(is_member)]

    @extend_schema(request=PayArrearsSerializer, responses={200: ArrearSerializer(many=True), 409: REFUSED})
    def post(self, request: Request) -> Response:
        """Each share with its new state; one that is still owed could not be collected, or has no answer yet."""
        asked = PayArrearsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        membership = get_object_or_404(memberships_of(request.user), pk=asked.validated_data["membership"])
        shares = pay_arrears(membership_id=membership.pk, by=request.user)  # type: ignore[arg-type]
        return Response(ArrearSerializer(shares, many=True).data)


class RefundList(generics.ListAPIView[Refund]):
    """Refunds, newest first."""

    permission_classes = [allow(is_signed_in)]
    serializer_class = RefundSerializer
    filterset_class = RefundFilter

    def get_queryset(self) -> QuerySet[Refund]:
        if getattr(self, "swagger_fake_view", False):
            return Refund.objects.none()
        return refunds_visible_to(self.request.user)
