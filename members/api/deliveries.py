"""Deliveries over the API: what did not get through, for the plan's staff; auditors read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from members.access import allow, is_auditor, is_reviewer
from members.models import Channel, Delivery, DeliveryReport, DeliveryStatus, User
from members.selectors.deliveries import deliveries_about, deliveries_in_trouble, deliveries_visible_to
from members.services.deliveries import send_again, send_all_again


class DeliveryReportSerializer(serializers.ModelSerializer[DeliveryReport]):
    """What came back about a delivery."""

    class Meta:
        model = DeliveryReport
        fields = ["says", "source", "code", "told_at"]
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One message on its way through one channel: references and states, never words or addresses."""

    message = serializers.UUIDField(source="message.public_id", read_only=True)
    kind = serializers.CharField(source="message.kind", read_only=True)
    references = serializers.JSONField(source="message.params", read_only=True)
    to_user = serializers.CharField(source="message.to_user_ref", read_only=True, allow_null=True)
    to_member = serializers.IntegerField(source="message.to_person_id", read_only=True, allow_null=True)
    written_at = serializers.DateTimeField(source="message.written_at", read_only=True)
    read_at = serializers.DateTimeField(source="message.read_at", read_only=True, allow_null=True)
    reports = DeliveryReportSerializer(many=True, read_only=True)

    class Meta:
        model = Delivery
        fields = [
            "id",
            "message",
            "kind",
            "references",
            "to_user",
            "to_member",
            "written_at",
            "read_at",
            "channel",
            "status",
            "tries",
            "next_at",
            "changed_at",
            "taken_at",
            "arrived_at",
            "bounced_at",
            "fault",
            "reports",
        ]
        read_only_fields = fields


class AlikeSerializer(serializers.Serializer[Any]):
    """Which deliveries failed alike."""

    channel = serializers.ChoiceField(choices=Channel.choices)
    status = serializers.ChoiceField(choices=DeliveryStatus.choices)
    fault = serializers.CharField(max_length=100, allow_blank=True)


class SentAgainSerializer(serializers.Serializer[Any]):
    """How many deliveries one request has sent again."""

    sent_again = serializers.IntegerField()


class DeliveryViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Delivery]):
    """Deliveries of messages: without a filter those that failed, came back, or are not known to have arrived."""

    permission_classes: list[type[BasePermission]] = [allow(is_reviewer, is_auditor)]
    serializer_class = DeliverySerializer
    queryset = Delivery.objects.none()
    filterset_fields = ["status", "channel", "fault"]

    def get_queryset(self) -> QuerySet[Delivery]:
        """A list begins with the trouble; `about` and `status` widen it."""
        asked = self.request.query_params
        if self.action == "list" and "about" in asked:
            found = deliveries_about(self.request.user, asked["about"])
        elif self.action == "list" and "status" not in asked:
            found = deliveries_in_trouble(self.request.user)
        else:
            found = deliveries_visible_to(self.request.user)
        return found.prefetch_related("reports")

    def get_permissions(self) -> Any:
        reads = self.request.method in {"GET", "HEAD", "OPTIONS"}
        return super().get_permissions() if reads else [allow(is_reviewer)()]

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "about",
                OpenApiTypes.STR,
                description="A reference: a claim, a member number, a log-in such as user:12, or a message's number.",
            )
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Deliveries, the last to change first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=None, responses=DeliverySerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Have it sent again, under the same Message-ID."""
        # What goes to a juror is no longer listed once nothing is wrong with it: the answer is of what was changed.
        changed = send_again(delivery=self.get_object(), by=_user(request))
        return Response(DeliverySerializer(changed).data)

    @extend_schema(request=AlikeSerializer, responses=SentAgainSerializer)
    @action(detail=False, methods=["post"], url_path="retry-all")
    def retry_all(self, request: Request) -> Response:
        """Have everything sent again that failed alike, at most 500 at once."""
        given = AlikeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response({"sent_again": send_all_again(**given.validated_data, by=_user(request))})


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # the role was asked before
    return request.user
