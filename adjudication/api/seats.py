"""A juror's own seats over the API: the masked file, the ballot, and stepping down."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ReadOnlyModelViewSet

from adjudication.selectors.accounts import account_in
from adjudication.selectors.addenda import addendum_as_data
from adjudication.selectors.seats import (
    CAST,
    TO_VOTE,
    addendum_of_seat,
    dispute_of,
    last_ballot,
    own_seats,
    result_of_seat,
    state_of,
)
from adjudication.services.seats import cast_ballot, dispute_seat, recuse_seat
from jury.access import is_juror
from jury.models import Ballot, Seat
from jury.recusals import OFFERED
from jury.sealing import REASON_CODES_MAX, WORDS_MAX_CHARACTERS
from jury.selectors.tokens import token_of_seat
from jury.services.ballots import open_case_file
from members.access import allow
from members.models import User


class ReceiptSerializer(serializers.Serializer[Any]):
    """That a ballot was cast, and how to find it in the public list after the close; never what it says.

    The receipt is in this answer alone: the service keeps no copy. Who loses it casts again and gets another.
    """

    receipt = serializers.CharField(read_only=True)
    token = serializers.CharField(read_only=True, help_text="Names the seat in the public list of seats that voted.")
    sequence = serializers.IntegerField(read_only=True)
    cast_at = serializers.DateTimeField(read_only=True)


class LastBallotSerializer(serializers.Serializer[Any]):
    """The last ballot of the seat: that there is one, and since when."""

    sequence = serializers.IntegerField(read_only=True)
    cast_at = serializers.DateTimeField(read_only=True)


class PanelResultSerializer(serializers.Serializer[Any]):
    """The result of a closed panel."""

    support = serializers.IntegerField()
    against = serializers.IntegerField()
    verdict = serializers.CharField()
    closed_at = serializers.DateTimeField(allow_null=True)
    claim_status = serializers.CharField()
    decided = serializers.CharField(allow_blank=True)


class SeatSerializer(serializers.ModelSerializer[Seat]):
    """A seat: on which claim, in which state, until when. `ballots_cast` is the value for `replaces` of the next
    ballot.
    """

    claim = serializers.CharField(source="panel.case_ref", read_only=True)
    round = serializers.IntegerField(source="panel.round", read_only=True)
    plan = serializers.CharField(source="panel.plan.code", read_only=True)
    closes_at = serializers.DateTimeField(source="panel.closes_at", read_only=True, allow_null=True)
    ballots_cast = serializers.IntegerField(source="last_sequence", read_only=True)
    state = serializers.SerializerMethodField()

    class Meta:
        model = Seat
        fields = ["id", "claim", "round", "plan", "state", "summoned_at", "closes_at", "first_seen_at", "ballots_cast"]
        read_only_fields = fields

    def get_state(self, seat: Seat) -> str:
        """`todo`, `cast` (and still open), `recused`, `closed` or `abandoned`."""
        return state_of(seat)


class SeatDetailSerializer(SeatSerializer):
    """A seat with the masked file while it can vote, its token and last ballot, and the counts after the close."""

    case_file = serializers.SerializerMethodField()
    account = serializers.SerializerMethodField()
    addendum = serializers.SerializerMethodField()
    token = serializers.SerializerMethodField()
    last_ballot = serializers.SerializerMethodField()
    disputed_at = serializers.SerializerMethodField()
    result = serializers.SerializerMethodField()

    class Meta(SeatSerializer.Meta):
        fields = [
            *SeatSerializer.Meta.fields,
            "case_file",
            "account",
            "addendum",
            "token",
            "last_ballot",
            "disputed_at",
            "result",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_case_file(self, seat: Seat) -> dict[str, Any] | None:
        """The frozen file; null once the seat or the panel is over."""
        return seat.panel.case_file if state_of(seat) in {TO_VOTE, CAST} else None

    def get_addendum(self, seat: Seat) -> dict[str, Any] | None:
        """What was added to the file while the panel votes, with when; null where nothing was."""
        return addendum_as_data(addendum_of_seat(seat))

    def get_account(self, seat: Seat) -> str:
        """The applicant's own account without names, which the file holds by its digest; empty where there is none."""
        return account_in(seat.panel.case_file) if state_of(seat) in {TO_VOTE, CAST} else ""

    def get_token(self, seat: Seat) -> str:
        """What names the seat in the log and in the public list of seats that voted."""
        return token_of_seat(seat)

    @extend_schema_field(LastBallotSerializer(allow_null=True))
    def get_last_ballot(self, seat: Seat) -> dict[str, Any] | None:
        """The ballot that counts, if one was cast; its receipt was in the answer to the casting."""
        ballot = last_ballot(seat)
        return LastBallotSerializer(ballot).data if ballot else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_disputed_at(self, seat: Seat) -> dt.datetime | None:
        """When the juror disputed what came from the seat."""
        dispute = dispute_of(seat)
        return dispute.disputed_at if dispute else None

    @extend_schema_field(PanelResultSerializer(allow_null=True))
    def get_result(self, seat: Seat) -> dict[str, Any] | None:
        result = result_of_seat(seat)
        return PanelResultSerializer(result).data if result else None


class BallotSerializer(serializers.Serializer[Any]):
    """A ballot. `replaces`: the number of ballots of this seat that the sender knows of, 0 for none."""

    choice = serializers.ChoiceField(choices=Ballot.Choice.values)
    reason_codes = serializers.ListField(
        child=serializers.CharField(max_length=32), max_length=REASON_CODES_MAX, default=list
    )
    words = serializers.CharField(max_length=WORDS_MAX_CHARACTERS, allow_blank=True, default="")
    is_medical_question = serializers.BooleanField(default=False)
    replaces = serializers.IntegerField(min_value=0)


class RecusalSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=[(reason.value, reason.label) for reason in OFFERED])


class SeatViewSet(ReadOnlyModelViewSet[Seat]):
    """The seats drawn for the user, and no others."""

    serializer_class = SeatSerializer
    permission_classes = [allow(is_juror)]
    queryset = Seat.objects.none()

    def get_queryset(self) -> QuerySet[Seat]:
        return own_seats(self.request.user)

    @extend_schema(responses=SeatDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One seat with its file. Opening the file is recorded."""
        seat = self.get_object()
        if state_of(seat) in {TO_VOTE, CAST}:
            open_case_file(seat_id=seat.pk, by=_user(request))
            seat = self.get_object()
        return Response(SeatDetailSerializer(seat).data)

    @extend_schema(request=BallotSerializer, responses={status.HTTP_201_CREATED: ReceiptSerializer})
    @action(detail=True, methods=["post"])
    def ballot(self, request: Request, pk: str) -> Response:
        """Cast a ballot, or replace the one cast before; until the close."""
        seat = self.get_object()
        given = BallotSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        cast = cast_ballot(seat_id=seat.pk, **given.validated_data, by=_user(request))
        return Response(
            ReceiptSerializer(cast).data, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"}
        )

    @extend_schema(request=RecusalSerializer, responses=SeatSerializer)
    @action(detail=True, methods=["post"])
    def recuse(self, request: Request, pk: str) -> Response:
        """Step down; the next juror drawn takes the seat."""
        seat = self.get_object()
        given = RecusalSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        recuse_seat(seat_id=seat.pk, reason=given.validated_data["reason"], by=_user(request))
        return Response(SeatSerializer(self.get_object()).data)

    @extend_schema(request=None, responses=SeatDetailSerializer)
    @action(detail=True, methods=["post"])
    def dispute(self, request: Request, pk: str) -> Response:
        """Say that what came from the seat is not what you did: once, within 30 days of the close."""
        seat = self.get_object()
        dispute_seat(seat_id=seat.pk, by=_user(request))
        return Response(SeatDetailSerializer(self.get_object()).data)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


router = SimpleRouter()
router.register("seats", SeatViewSet, basename="api-seat")
urlpatterns = router.urls
