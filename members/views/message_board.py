"""Pages: what could not be delivered, and finding messages by reference, for the plan's staff; auditors read."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from audit.errors import DomainError
from members.access import Access, RoleRequired, is_auditor, is_reviewer
from members.forms import AlikeForm, MessageFilterForm
from members.models import Delivery
from members.selectors.deliveries import (
    deliveries_in_trouble,
    deliveries_visible_to,
    delivery_rows,
    failing,
    message_of_staff,
    message_rows,
    messages_found,
)
from members.selectors.messages import told
from members.services.deliveries import send_again, send_all_again

A_PAGE = 50
INVALID = 422


class MessageBoard(RoleRequired, View):
    """The deliveries that failed, came back or are not known to have arrived; with `?find=` the messages found."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def get(self, request: HttpRequest) -> HttpResponse:
        form = MessageFilterForm(request.GET)
        term = form.cleaned_data["find"] if form.is_valid() else ""
        context: dict[str, Any] = {"form": form, "term": term, "may_act": is_reviewer(request.user)}
        if term:
            page: Paginator[Any] = Paginator(messages_found(request.user, term), A_PAGE)
            context["page"] = found = page.get_page(request.GET.get("page"))
            context["found"] = message_rows(found.object_list)
        elif form.is_valid():
            context["page"] = shown = Paginator(self._asked(form), A_PAGE).get_page(request.GET.get("page"))
            context["rows"] = delivery_rows(shown.object_list)
            context["failing"] = failing(request.user)
        return render(request, "members/message/board.html", context, status=200 if form.is_valid() else INVALID)

    def _asked(self, form: MessageFilterForm) -> QuerySet[Delivery]:
        status, channel = form.cleaned_data["status"], form.cleaned_data["channel"]
        user = self.request.user
        found = deliveries_visible_to(user).filter(status=status) if status else deliveries_in_trouble(user)
        return found.filter(channel=channel) if channel else found


class MessageOfStaff(RoleRequired, View):
    """One message's way: to whom, about what, by which channels and with what result; not its words."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)

    def get(self, request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
        message = message_of_staff(request.user, public_id)
        if message is None:
            raise Http404
        context = {
            "sent": message,
            "subject": told(message).subject,
            "references": sorted(message.params.items()),
            "may_act": is_reviewer(request.user),
            "sees_log": is_auditor(request.user),
        }
        return render(request, "members/message/board_detail.html", context)


class DeliveryRetry(RoleRequired, View):
    """A reviewer has one delivery sent again."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """To the message: the act itself is a button there."""
        return self._to_message(request, self._delivery(request, pk).message.public_id)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        delivery = self._delivery(request, pk)
        try:
            send_again(delivery=delivery, by=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("It is sent again within a minute."))
        return self._to_message(request, delivery.message.public_id)

    def _to_message(self, request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
        # What goes to a juror is no longer shown once nothing is wrong with it.
        if message_of_staff(request.user, public_id) is None:
            return redirect("message_board")
        return redirect("message_of_staff", public_id)

    def _delivery(self, request: HttpRequest, pk: int) -> Delivery:
        return get_object_or_404(deliveries_visible_to(request.user), pk=pk)


class DeliveriesRetry(RoleRequired, View):
    """A reviewer has everything sent again that failed alike."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer,)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """To the list: the act itself is a button there."""
        return redirect("message_board")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = AlikeForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Nothing was sent again: this kind of fault can't be read. Use the buttons."))
            return redirect("message_board")
        sent = send_all_again(**form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        text = ngettext("%(number)s message is sent again.", "%(number)s messages are sent again.", sent)
        messages.success(request, text % {"number": sent})
        return redirect("message_board")
