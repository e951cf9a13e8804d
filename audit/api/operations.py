"""The state of the workers over the API."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.selectors.sweeps import may_see_operations, operations


class MaySeeOperations(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return may_see_operations(request.user)


class SweepStateSerializer(serializers.Serializer[object]):
    """One kind of sweep and its last run that ended."""

    task = serializers.CharField()
    words = serializers.CharField(help_text="What it does")
    queue = serializers.CharField(help_text="The queue whose workers run it")
    every_s = serializers.FloatField()
    began_at = serializers.DateTimeField(source="run.began_at", default=None)
    ended_at = serializers.DateTimeField(source="run.ended_at", default=None)
    through_at = serializers.DateTimeField(
        source="run.through_at", default=None, help_text="When a run last came to the end of everything that was due"
    )
    is_running = serializers.BooleanField(source="run.is_running", default=False)
    rows = serializers.IntegerField(source="run.rows", default=0)
    failed = serializers.IntegerField(source="run.failed", default=0)
    held = serializers.IntegerField(
        source="run.held", default=0, help_text="Rows that another transaction was working on, left to the next run"
    )
    fault = serializers.CharField(source="run.fault", default="", help_text="The class of the last exception")
    is_late = serializers.BooleanField()
    late_since = serializers.DateTimeField(allow_null=True)
    when_late = serializers.CharField(help_text="What does not happen while it is late")


class LogStateSerializer(serializers.Serializer[object]):
    """What the log has not signed yet."""

    oldest_unsigned_at = serializers.DateTimeField(allow_null=True)
    is_late = serializers.BooleanField()


class FaultSerializer(serializers.Serializer[object]):
    """A row on which a sweep fails."""

    task = serializers.CharField()
    part = serializers.CharField()
    what = serializers.CharField(source="label", help_text="What fails, such as a claim's number")
    fault = serializers.CharField(help_text="The class of the exception")
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    times = serializers.IntegerField()
    next_at = serializers.DateTimeField(help_text="When it is tried again")


class OperationsSerializer(serializers.Serializer[object]):
    """Everything that staff need to know about the workers."""

    at = serializers.DateTimeField()
    is_late = serializers.BooleanField()
    is_failing = serializers.BooleanField()
    log = LogStateSerializer()
    sweeps = SweepStateSerializer(many=True)
    faults = FaultSerializer(many=True)


class OperationsView(APIView):
    permission_classes = [MaySeeOperations]

    @extend_schema(responses=OperationsSerializer)
    def get(self, request: Request) -> Response:
        """How the workers are doing: when each kind of sweep last ran, what is late, what waits in the log."""
        return Response(OperationsSerializer(operations()).data)
