"""Members who owe a share and were not reached, over the API; reviewers record attempts, auditors read."""

from __future__ import annotations

import uuid

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from adjudication.api.serving import AttemptSerializer, NoticeSerializer
from allocation.models import Arrear
from allocation.selectors.debtors import debtor_rows, debtors_visible_to
from allocation.services.notices import record_contact
from members.access import allow, is_auditor, is_reviewer
from members.models import User


class DebtorSerializer(NoticeSerializer):
    """A notice of an owed share that did not get through, and how far the search for its reader is."""

    plan = serializers.CharField(source="arrear.period.plan.code")
    notice_on = serializers.DateField(source="arrear.period.notice_on")
    membership = serializers.IntegerField(source="arrear.membership_id")


class ShareServiceSerializer(serializers.ModelSerializer[Arrear]):
    """Whether the notice is served by now, by what, and until when the share can be paid."""

    class Meta:
        model = Arrear
        fields = ["served_at", "served_by", "grace_ends_at", "restarts"]
        read_only_fields = fields


class DebtorList(generics.GenericAPIView[Arrear]):
    """Members who owe a share and whom no channel has reached: no membership ends over it yet."""

    permission_classes = [allow(is_reviewer, is_auditor)]
    serializer_class = DebtorSerializer
    filter_backends = []
    queryset = Arrear.objects.none()

    @extend_schema(responses=DebtorSerializer(many=True))
    def get(self, request: Request) -> Response:
        """One line a notice; words and addresses are not among it."""
        page = self.paginate_queryset(debtors_visible_to(request.user))
        return self.get_paginated_response(DebtorSerializer(debtor_rows(list(page or [])), many=True).data)


class DebtorAttempts(APIView):
    """That a reviewer tried to reach one of them by another way."""

    permission_classes = [allow(is_reviewer)]

    @extend_schema(
        request=AttemptSerializer,
        responses=ShareServiceSerializer,
        parameters=[OpenApiParameter("public_id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Record an attempt, once for each time that somebody tried."""
        form = AttemptSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        arrear = record_contact(public_id=public_id, by=request.user, **form.validated_data)
        return Response(ShareServiceSerializer(arrear).data)
