"""The inbox over the API, and what its owner wants by e-mail: the same services as the pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from members.access import allow, is_signed_in
from members.models import Channel, DeliveryStatus, Message, User
from members.selectors.inbox import InboxItem, inbox_of, item_of, unread_count, ways_of
from members.selectors.mail_choices import Owed, mail_kinds_of
from members.selectors.messages import language_of
from members.services.inbox import open_item, read_all
from members.services.mail_choices import choose_language, choose_mail


class AboutSerializer(serializers.Serializer[Any]):
    """One member of the reader's family, or the reader."""

    member = serializers.IntegerField(source="pk")
    name = serializers.CharField()


class InboxItemSerializer(serializers.Serializer[Any]):
    """One line of the inbox; `key` opens it. `due_at` is the end of the reader's time, null where there is none."""

    key = serializers.CharField()
    kind = serializers.CharField()
    subject = serializers.CharField()
    written_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    is_done = serializers.BooleanField(help_text="Whether what it asks for until a moment is done.")
    is_over = serializers.BooleanField(help_text="Whether that can no longer be done, or is no longer needed.")
    is_read = serializers.BooleanField()
    about = AboutSerializer(allow_null=True, help_text="Whom it concerns, where that is not the reader alone.")


class SentSerializer(serializers.Serializer[Any]):
    """One way by which it was sent, and how far it is."""

    channel = serializers.ChoiceField(choices=Channel.choices)
    status = serializers.ChoiceField(choices=DeliveryStatus.choices)
    changed_at = serializers.DateTimeField()


class InboxMessageSerializer(InboxItemSerializer):
    """The whole message, in the language of the request. `path` is the page of the one act asked for."""

    body = serializers.ListField(child=serializers.CharField(), source="words.body")
    why = serializers.CharField(source="words.why", allow_blank=True)
    act = serializers.CharField(source="words.act", allow_blank=True)
    path = serializers.CharField(source="words.path")
    sent = SentSerializer(many=True)


class UnreadSerializer(serializers.Serializer[Any]):
    """How much of the inbox is unread."""

    unread = serializers.IntegerField()


class InboxPages(PageNumberPagination):
    """The inbox is one list of two kinds of rows, read by page number."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class InboxViewSet(GenericViewSet[Message]):
    """What the user was told. Reading it here notes nothing; `read` does."""

    permission_classes: list[type[BasePermission]] = [allow(is_signed_in)]
    serializer_class = InboxItemSerializer
    pagination_class = InboxPages
    filter_backends = []
    queryset = Message.objects.none()
    lookup_field = "key"
    lookup_value_regex = "[mb]/[0-9a-f-]+"

    @extend_schema(responses=InboxItemSerializer(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(inbox_of(request.user))
        return self.get_paginated_response(InboxItemSerializer(page, many=True).data)

    @extend_schema(responses=InboxMessageSerializer)
    def retrieve(self, request: Request, key: str) -> Response:
        """One message, whole."""
        return _shown(_user(request), item_of(request.user, key))

    @extend_schema(request=None, responses=InboxMessageSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, key: str) -> Response:
        """Note that its reader has seen it."""
        user = _user(request)
        if open_item(user=user, key=key) is None:
            raise Http404
        return _shown(user, item_of(user, key))

    @extend_schema(request=None, responses=UnreadSerializer)
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request: Request) -> Response:
        """Note all of it as read, except notices whose silence has a consequence: each of them must be opened."""
        read_all(by=_user(request))
        return Response({"unread": unread_count(request.user)})

    @extend_schema(responses=UnreadSerializer)
    @action(detail=False)
    def unread(self, request: Request) -> Response:
        """How much of it is unread."""
        return Response({"unread": unread_count(request.user)})


class MailKindSerializer(serializers.Serializer[Any]):
    """One kind of message that may come to the user. One that is owed is always sent by e-mail, and says why."""

    name = serializers.CharField()
    words = serializers.CharField()
    is_owed = serializers.BooleanField()
    owed_for = serializers.ChoiceField(choices=Owed.choices, allow_null=True, help_text="Why it cannot be switched off")
    is_wanted = serializers.BooleanField()


class MailChoicesSerializer(serializers.Serializer[Any]):
    """The language of what is sent to the user, and what comes by e-mail."""

    language = serializers.ChoiceField(choices=settings.LANGUAGES)
    kinds = MailKindSerializer(many=True)


class ChooseMailSerializer(serializers.Serializer[Any]):
    """The language, and the names of the kinds that are not owed and are to come by e-mail: all others stop."""

    language = serializers.ChoiceField(choices=settings.LANGUAGES)
    wanted = serializers.ListField(child=serializers.CharField(max_length=60), max_length=200)


class MailChoicesView(APIView):
    """What the user wants by e-mail in addition to what is owed to them, and in which language."""

    permission_classes: list[type[BasePermission]] = [allow(is_signed_in)]

    @extend_schema(responses=MailChoicesSerializer)
    def get(self, request: Request) -> Response:
        """The choices as they stand."""
        return Response(MailChoicesSerializer(_choices(_user(request))).data)

    @extend_schema(request=ChooseMailSerializer, responses=MailChoicesSerializer)
    def put(self, request: Request) -> Response:
        """Choose for what is written from now on."""
        given = ChooseMailSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = _user(request)
        choose_mail(wanted=given.validated_data["wanted"], by=user)
        choose_language(language=given.validated_data["language"], by=user)
        return Response(MailChoicesSerializer(_choices(user)).data)


def _choices(user: User) -> dict[str, Any]:
    return {"language": language_of(user), "kinds": mail_kinds_of(user)}


def _shown(user: User, item: InboxItem | None) -> Response:
    if item is None:
        raise Http404
    shown = InboxItemSerializer(item).data | {"sent": SentSerializer(ways_of(user, item), many=True).data}
    words = item.words
    whole: dict[str, Any] = shown | {"body": words.body, "why": words.why, "act": words.act, "path": words.path}
    return Response(whole)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # the log-in was asked for before
    return request.user
