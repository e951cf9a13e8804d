"""Applicants who were not reached, over the API; reviewers record attempts, auditors read."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from adjudication.models import Answer
from adjudication.selectors.serving import unreached_rows, unreached_visible_to
from adjudication.services.serving import record_contact
from members.access import allow, is_auditor, is_reviewer
from members.models import ContactAttempt, User
from members.services.serving import LONGEST_WORDS, SHORTEST_WORDS


class NoticeSerializer(serializers.Serializer[Any]):
    """A notice that did not get through, and how far the search for its reader is."""

    message = serializers.UUIDField(source="message.public_id")
    to_user = serializers.CharField(source="message.to_user_ref", allow_null=True)
    to_member = serializers.IntegerField(source="message.to_person_id", allow_null=True)
    asked_at = serializers.DateTimeField(source="message.written_at")
    search_ends_at = serializers.DateTimeField()
    deliveries = serializers.SerializerMethodField()
    attempts = serializers.SerializerMethodField()

    def get_deliveries(self, row: Any) -> list[dict[str, str]]:
        """Each channel with its state and fault."""
        found = row.message.deliveries.all()
        return [{"channel": str(one.channel), "status": str(one.status), "fault": one.fault} for one in found]

    def get_attempts(self, row: Any) -> list[dict[str, Any]]:
        """What reviewers tried; their words are on the page alone."""
        found = row.message.attempts.all()
        return [{"at": one.attempted_at, "how": one.how, "was_reached": one.was_reached} for one in found]


class UnreachedSerializer(NoticeSerializer):
    """A question to an applicant that did not get through."""

    claim = serializers.CharField(source="claim.ref")


class AttemptSerializer(serializers.Serializer[Any]):
    """That a reviewer tried to reach somebody by another way."""

    how = serializers.ChoiceField(choices=ContactAttempt.How.choices)
    was_reached = serializers.BooleanField()
    words = serializers.CharField(min_length=SHORTEST_WORDS, max_length=LONGEST_WORDS)


class ServiceSerializer(serializers.ModelSerializer[Answer]):
    """Whether the notice is served by now, by what, and until when the applicant has time."""

    class Meta:
        model = Answer
        fields = ["served_at", "served_by", "due_at", "restarts"]
        read_only_fields = fields


class UnreachedViewSet(GenericViewSet[Answer]):
    """Applicants who are asked for an answer and whom no channel has reached."""

    permission_classes: list[type[BasePermission]] = [allow(is_reviewer, is_auditor)]
    serializer_class = UnreachedSerializer
    queryset = Answer.objects.none()
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Answer]:
        """The answers that are awaited from them."""
        return unreached_visible_to(self.request.user)

    def get_permissions(self) -> Any:
        reads = self.request.method in {"GET", "HEAD", "OPTIONS"}
        return super().get_permissions() if reads else [allow(is_reviewer)()]

    @extend_schema(responses=UnreachedSerializer(many=True))
    def list(self, request: Request) -> Response:
        """One line a notice; words and addresses are not among it."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(UnreachedSerializer(unreached_rows(list(page or [])), many=True).data)

    @extend_schema(
        request=AttemptSerializer,
        responses=ServiceSerializer,
        parameters=[OpenApiParameter("public_id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["post"])
    def attempts(self, request: Request, public_id: uuid.UUID) -> Response:
        """Record an attempt, once for each time that somebody tried."""
        form = AttemptSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        answer = record_contact(public_id=public_id, by=request.user, **form.validated_data)
        return Response(ServiceSerializer(answer).data)


router = SimpleRouter()
router.register("unreached", UnreachedViewSet, basename="api-unreached")
urlpatterns = router.urls
