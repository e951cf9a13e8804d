"""The API of payments without an answer: how the payment service is, which payments wait, and asking about all."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from allocation.selectors.asking import latest_progress, silence, waiting
from allocation.selectors.for_a_person import for_a_person, found_for_a_person, number_to_ask
from allocation.services.asking import ask_all_again
from members.access import allow, is_auditor, is_reviewer

LISTED = 500
REFUSED = OpenApiResponse(description="A rule forbids it; the answer names the thing, the rule and the next step.")


class AskingProgressSerializer(serializers.Serializer[Any]):
    """A request to ask again about all payments without an answer, and how far it is."""

    asked_at = serializers.DateTimeField(source="round.asked_at")
    payments = serializers.IntegerField()
    asked = serializers.IntegerField()
    settled = serializers.IntegerField()


class PaymentServiceSerializer(serializers.Serializer[Any]):
    """How the payment service answers: `silent_since` is null while it does."""

    silent_since = serializers.DateTimeField(allow_null=True)
    next_probe_at = serializers.DateTimeField(allow_null=True)
    waiting = serializers.IntegerField(help_text="Payments that are ordered and not settled.")
    to_ask = serializers.IntegerField(help_text="Payments that a request to ask again would be about.")
    latest_request = AskingProgressSerializer(allow_null=True)


class PaymentSerializer(serializers.Serializer[Any]):
    """One payment that a person was told about; amounts in minor units. A refused one has no next exchange."""

    kind = serializers.CharField(help_text="collection, payout, retry or refund")
    key = serializers.CharField(source="payment.key")
    plan = serializers.CharField(source="plan.code")
    currency = serializers.CharField(source="plan.currency")
    amount_minor = serializers.IntegerField()
    status = serializers.CharField()
    claim = serializers.CharField(source="claim.ref", default=None, allow_null=True)
    notice_on = serializers.DateField(source="period.notice_on", default=None, allow_null=True)
    membership = serializers.IntegerField(source="membership.pk", default=None, allow_null=True)
    unanswered = serializers.IntegerField(source="payment.unanswered")
    unanswered_since = serializers.DateTimeField(source="payment.unanswered_since", allow_null=True)
    escalated_at = serializers.DateTimeField(source="payment.escalated_at")
    next_attempt_at = serializers.DateTimeField(source="payment.next_attempt_at", allow_null=True)
    last_answer = serializers.CharField(source="last.answer", default=None, allow_null=True)
    last_reason = serializers.CharField(source="last.reason", default=None, allow_null=True)


class PaymentList(APIView):
    """The payments that a person was told about, the oldest 500; for reviewers and auditors."""

    permission_classes = [allow(is_reviewer, is_auditor)]

    @extend_schema(responses=PaymentSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(PaymentSerializer(for_a_person(found_for_a_person()[:LISTED]), many=True).data)


class PaymentServiceState(APIView):
    """How the payment service answers, and how far the last request to ask again is; for reviewers and auditors."""

    permission_classes = [allow(is_reviewer, is_auditor)]

    @extend_schema(responses=PaymentServiceSerializer)
    def get(self, request: Request) -> Response:
        return Response(PaymentServiceSerializer(_state()).data)


class PaymentAsk(APIView):
    """A reviewer has every payment without an answer asked about again; the workers do it."""

    permission_classes = [allow(is_reviewer)]

    @extend_schema(request=None, responses={202: PaymentServiceSerializer, 409: REFUSED})
    def post(self, request: Request) -> Response:
        """Returns at once; `latest_request` says how far it is."""
        ask_all_again(by=request.user)  # type: ignore[arg-type]
        return Response(PaymentServiceSerializer(_state()).data, status=status.HTTP_202_ACCEPTED)


def _state() -> dict[str, Any]:
    found = silence()
    return {
        "silent_since": found.since if found else None,
        "next_probe_at": found.next_probe_at if found else None,
        "waiting": found.waiting if found else waiting(),
        "to_ask": number_to_ask(),
        "latest_request": latest_progress(),
    }
