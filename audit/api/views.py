"""The audit log over the API."""

from __future__ import annotations

from typing import cast

import django_filters
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from audit.actors import Actor
from audit.api.serializers import EntryProofSerializer, EntrySerializer, ExportSerializer
from audit.downloads import download
from audit.errors.log import NotYetProven
from audit.models import Entry
from audit.selectors import READ_LOG, EntryFilter, entries_visible_to, of_kind, proven, stream_of
from audit.services.exports import export_log


class MayReadLog(BasePermission):
    """For those with the permission to read the log."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Ask the same permission as the page."""
        return bool(request.user.is_authenticated and request.user.has_perm(READ_LOG))


class EntryFilterSet(django_filters.FilterSet):
    """The page's filters: `stream` takes a claim's reference too, `kind` the first part of a kind."""

    stream = django_filters.CharFilter(method="filter_stream", label="A stream, or a claim's reference")
    kind = django_filters.CharFilter(method="filter_kind", label="A kind of act, or its first part")
    actor = django_filters.CharFilter(label="Who acted, such as user:12")
    since = django_filters.IsoDateTimeFilter(field_name="recorded_at", lookup_expr="gte", label="Recorded from")
    until = django_filters.IsoDateTimeFilter(field_name="recorded_at", lookup_expr="lt", label="Recorded before")

    class Meta:
        model = Entry
        fields: list[str] = []

    def filter_stream(self, queryset: QuerySet[Entry], name: str, value: str) -> QuerySet[Entry]:
        """One stream."""
        return queryset.filter(stream=stream_of(value))

    def filter_kind(self, queryset: QuerySet[Entry], name: str, value: str) -> QuerySet[Entry]:
        """One kind, with the names that earlier releases gave it."""
        return of_kind(queryset, value)


class EntryViewSet(ReadOnlyModelViewSet[Entry]):
    """The log of every act, newest first; for auditors. Nothing in it can be changed."""

    permission_classes = [MayReadLog]
    serializer_class = EntrySerializer
    filterset_class = EntryFilterSet
    queryset = Entry.objects.none()

    def get_queryset(self) -> QuerySet[Entry]:
        return entries_visible_to(self.request.user)

    @extend_schema(
        request=ExportSerializer,
        responses={(200, "text/csv"): OpenApiTypes.STR, (200, "application/x-ndjson"): OpenApiTypes.STR},
    )
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def export(self, request: Request) -> HttpResponseBase:
        """Everything that a search finds, as a file, up to the latest checkpoint; the export is an act too."""
        given = ExportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        form = given.validated_data.pop("format")
        return download(
            export_log(wanted=EntryFilter(**given.validated_data), form=form, by=cast("Actor", request.user))
        )

    @extend_schema(responses=EntryProofSerializer)
    @action(detail=True, filterset_class=None)
    def proof(self, request: Request, pk: str) -> Response:
        """The entry's proof in the latest checkpoint; 409 while none covers it."""
        found = proven(self.get_object())
        if found.proof is None:
            raise NotYetProven
        return Response(EntryProofSerializer(found).data)
