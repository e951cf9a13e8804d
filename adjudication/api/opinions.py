"""A professional's own second opinions over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ReadOnlyModelViewSet

from adjudication.forms.opinions import REASONS_MAX_CHARACTERS
from adjudication.queue import nudge
from adjudication.selectors.opinions import claim_id_of_opinion, own_opinions, state_of_opinion
from jury.models import Opinion, OpinionRequest
from jury.rules.verdicts import ANSWERS
from jury.services.opinions import give_opinion, open_file
from members.access import allow, is_professional
from members.models import User


class OpinionSerializer(serializers.ModelSerializer[Opinion]):
    """What one professional is asked, and what they answered."""

    claim = serializers.CharField(source="request.case_ref", read_only=True)
    round = serializers.IntegerField(source="request.round", read_only=True)
    due_at = serializers.DateTimeField(source="request.due_at", read_only=True)
    questions = serializers.ListField(source="request.questions", child=serializers.DictField(), read_only=True)
    state = serializers.SerializerMethodField()

    class Meta:
        model = Opinion
        fields = [
            "id",
            "claim",
            "round",
            "state",
            "assigned_at",
            "due_at",
            "questions",
            "answers",
            "conclusion",
            "reasons",
            "given_at",
        ]
        read_only_fields = fields

    def get_state(self, opinion: Opinion) -> str:
        """`todo`, `done`, or `closed`: over without an answer."""
        return state_of_opinion(opinion)


class OpinionDetailSerializer(OpinionSerializer):
    """One opinion with the masked file. Nothing of what the jury said."""

    case_file = serializers.SerializerMethodField()

    class Meta(OpinionSerializer.Meta):
        fields = [*OpinionSerializer.Meta.fields, "case_file"]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_case_file(self, opinion: Opinion) -> dict[str, Any] | None:
        """The masked file while the request is open, otherwise null."""
        return opinion.request.case_file if opinion.request.status == OpinionRequest.Status.OPEN else None


class GivenOpinionSerializer(serializers.Serializer[Any]):
    """The answer to every question by its code, and the reasons."""

    answers = serializers.DictField(child=serializers.ChoiceField(choices=sorted(ANSWERS)))
    reasons = serializers.CharField(max_length=REASONS_MAX_CHARACTERS)


class OpinionViewSet(ReadOnlyModelViewSet[Opinion]):
    """The second opinions asked of the user who asks."""

    serializer_class = OpinionSerializer
    permission_classes = [allow(is_professional)]
    queryset = Opinion.objects.none()

    def get_queryset(self) -> QuerySet[Opinion]:
        """The user's own."""
        return own_opinions(self.request.user)

    @extend_schema(responses=OpinionDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One opinion with its file. That the file was opened is recorded."""
        opinion = self.get_object()
        if opinion.request.status == OpinionRequest.Status.OPEN:
            assert isinstance(request.user, User)
            open_file(opinion_id=opinion.pk, by=request.user)
        return Response(OpinionDetailSerializer(opinion).data)

    @extend_schema(request=GivenOpinionSerializer, responses=OpinionSerializer)
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: str) -> Response:
        """Give the opinion, once."""
        opinion = self.get_object()
        given = GivenOpinionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        give_opinion(opinion_id=opinion.pk, **given.validated_data, by=request.user)
        claim_id = claim_id_of_opinion(opinion)
        if claim_id is not None:
            nudge(claim_id)
        return Response(OpinionSerializer(self.get_object()).data)


router = SimpleRouter()
router.register("opinions", OpinionViewSet, basename="api-opinion")
urlpatterns = router.urls
