"""Evidence over the API: uploading, listing, and the one way to the content."""

from __future__ import annotations

from typing import Any

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.throttling import BaseThrottle, UserRateThrottle
from rest_framework.viewsets import GenericViewSet

from adjudication.models import Evidence
from adjudication.selectors.claims import claims_visible_to
from adjudication.selectors.evidence import evidence_visible_to
from adjudication.selectors.investigations import duties_named_to
from adjudication.services.evidence import LONGEST_TITLE, add_evidence, read_evidence
from adjudication.views.evidence import file_response
from members.models import User


class UploadThrottle(UserRateThrottle):
    """Uploads have their own limit: each is read, checked and encrypted."""

    scope = "uploads"


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """The description of a file; its content has its own address."""

    claim = serializers.CharField(source="claim.ref", read_only=True)
    title = serializers.CharField(read_only=True)

    class Meta:
        model = Evidence
        fields = ["id", "claim", "duty", "kind", "title", "content_type", "size_bytes", "is_for_jury", "uploaded_at"]
        read_only_fields = fields


class NewEvidenceSerializer(serializers.Serializer[Any]):
    """A file for either a claim, by its reference, or a duty, by its number."""

    claim = serializers.CharField(max_length=20, required=False)
    duty = serializers.IntegerField(required=False)
    kind = serializers.ChoiceField(choices=Evidence.Kind.choices)
    title = serializers.CharField(max_length=LONGEST_TITLE, allow_blank=True, default="")
    is_for_jury = serializers.BooleanField(default=False)
    file = serializers.FileField(allow_empty_file=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("claim" in attrs) == ("duty" in attrs):
            raise serializers.ValidationError({"claim": ["Give either a claim or a duty."]})
        return attrs


class EvidenceFilterSet(django_filters.FilterSet):
    claim = django_filters.CharFilter(field_name="claim__ref")

    class Meta:
        model = Evidence
        fields: list[str] = []


class EvidenceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Evidence]):
    """The files that the user may open."""

    queryset = Evidence.objects.none()
    serializer_class = EvidenceSerializer
    lookup_value_regex = "[0-9]+"
    filterset_class = EvidenceFilterSet
    parser_classes = [MultiPartParser]

    def get_queryset(self) -> QuerySet[Evidence]:
        """The files that the pages show too, except those of drafts."""
        return evidence_visible_to(self.request.user).filter(claim__isnull=False)

    def get_throttles(self) -> list[BaseThrottle]:
        extra = [UploadThrottle()] if self.action == "create" else []
        return [*super().get_throttles(), *extra]

    @extend_schema(request={"multipart/form-data": NewEvidenceSerializer}, responses={201: EvidenceSerializer})
    def create(self, request: Request) -> Response:
        """Add a file."""
        assert isinstance(request.user, User)
        given = NewEvidenceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        facts = given.validated_data
        evidence = add_evidence(
            content=facts["file"].read(settings.EVIDENCE_MAX_BYTES + 1),
            filename=facts["file"].name or "",
            kind=facts["kind"],
            title=facts["title"],
            is_for_jury=facts["is_for_jury"],
            by=request.user,
            **_target(request.user, facts),
        )
        return Response(EvidenceSerializer(evidence).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={200: OpenApiResponse(OpenApiTypes.BINARY, "The decrypted file.")})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> HttpResponse:
        """The content. Every access by anyone but the claimant's side is recorded in the log."""
        assert isinstance(request.user, User)
        evidence = self.get_object()
        return file_response(evidence, read_evidence(evidence=evidence, by=request.user))


def _target(user: User, facts: dict[str, Any]) -> dict[str, Any]:
    if "claim" in facts:
        return {"claim": get_object_or_404(claims_visible_to(user), ref=facts["claim"])}
    return {"duty": get_object_or_404(duties_named_to(user), pk=facts["duty"])}


router = SimpleRouter()
router.register("evidence", EvidenceViewSet, basename="api-evidence")
urlpatterns = router.urls
