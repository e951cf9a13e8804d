"""Records that hospitals withdrew under claims, over the API: reading them, and noting what one means."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ReadOnlyModelViewSet

from adjudication.models import Withdrawal
from adjudication.selectors.withdrawals import withdrawals_visible_to
from adjudication.services.withdrawals import LONGEST_NOTE, note_withdrawal
from members.access import allow, is_auditor, is_investigator, is_reviewer
from members.models import User


class WithdrawalSerializer(serializers.ModelSerializer[Withdrawal]):
    """What a hospital withdrew, when this was learned, and what somebody noted; `noted_at` is null until then."""

    claim = serializers.CharField(source="claim.ref", read_only=True)
    server = serializers.CharField(read_only=True)
    resource = serializers.CharField(read_only=True)
    note = serializers.CharField(read_only=True)

    class Meta:
        model = Withdrawal
        fields = ["id", "claim", "kind", "server", "resource", "version", "stated_at", "learned_at", "noted_at", "note"]
        read_only_fields = fields


class WithdrawalNoteSerializer(serializers.Serializer[Any]):
    """What the hospital answered, and whether the diagnosis stands."""

    note = serializers.CharField(max_length=LONGEST_NOTE)


class WithdrawalFilterSet(django_filters.FilterSet):
    claim = django_filters.CharFilter(field_name="claim__ref")
    is_noted = django_filters.BooleanFilter(field_name="noted_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Withdrawal
        fields: list[str] = []


class WithdrawalViewSet(ReadOnlyModelViewSet[Withdrawal]):
    """The withdrawn records of claims: all for reviewers and auditors, for investigators those of their claims."""

    queryset = Withdrawal.objects.none()
    serializer_class = WithdrawalSerializer
    filterset_class = WithdrawalFilterSet
    lookup_value_regex = "[0-9]+"

    def get_permissions(self) -> list[BasePermission]:
        """Reading is for three roles, noting for two."""
        if self.action in {"list", "retrieve"}:
            return [allow(is_investigator, is_reviewer, is_auditor)()]
        return [allow(is_investigator, is_reviewer)()]

    def get_queryset(self) -> QuerySet[Withdrawal]:
        """Those that the pages show too."""
        return withdrawals_visible_to(self.request.user)

    @extend_schema(request=WithdrawalNoteSerializer, responses=WithdrawalSerializer)
    @action(detail=True, methods=["post"])
    def note(self, request: Request, pk: str) -> Response:
        """Note what it means for the claim: once."""
        withdrawal = self.get_object()
        given = WithdrawalNoteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        note_withdrawal(withdrawal_id=withdrawal.pk, note=given.validated_data["note"], by=request.user)
        return Response(self.get_serializer(self.get_queryset().get(pk=withdrawal.pk)).data)


router = SimpleRouter()
router.register("withdrawals", WithdrawalViewSet, basename="api-withdrawal")
urlpatterns = router.urls
