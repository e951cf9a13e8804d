"""Pages: the inbox of everybody with a log-in, one message of it, and what comes by e-mail too."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache

from audit.errors import DomainError
from members.access import Access, RoleRequired, is_signed_in
from members.forms import MailChoicesForm
from members.models import Channel, User
from members.selectors.calendars import calendar_for
from members.selectors.inbox import inbox_of, item_of, ways_of
from members.selectors.mail_choices import Owed, is_optional, mail_kinds_of
from members.selectors.messages import language_of
from members.services.inbox import open_item, read_all
from members.services.mail_choices import choose_language, choose_mail
from pages.moments import page_now

A_PAGE = 25
INVALID = 422


class OwnPage(RoleRequired, View):
    """A page about nobody but the reader."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)

    @property
    def user(self) -> User:
        """The reader; the log-in was asked for before."""
        assert isinstance(self.request.user, User)
        return self.request.user


class InboxList(OwnPage):
    """What the user was told, the newest first, with what is unread and what has a deadline."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(inbox_of(self.user), A_PAGE).get_page(request.GET.get("page"))
        return render(request, "members/message/inbox.html", {"page": page})


class InboxReadAll(OwnPage):
    """The user marks all of it as read."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """To the inbox: the act itself is a button there."""
        return redirect("inbox")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        read_all(by=self.user)
        messages.success(request, _("Everything is marked as read, except messages that you must open."))
        return redirect("inbox")


@method_decorator(never_cache, name="dispatch")
class InboxItemPage(OwnPage):
    """One message: what happened, why they are told, and the one act asked for. Opening it marks it as read."""

    def get(self, request: HttpRequest, where: str, name: str) -> HttpResponse:
        item = open_item(user=self.user, key=f"{where}/{name}")
        if item is None:
            raise Http404
        context = {
            "item": item,
            "words": item.words,
            "deliveries": ways_of(self.user, item),
            "email_label": Channel.EMAIL.label,
            "is_optional": is_optional(item.kind),
            "has_calendar": item.due_at is not None and item.due_at > page_now(),
        }
        return render(request, "members/message/detail.html", context)


class InboxCalendar(OwnPage):
    """The end of the user's time as a file for their calendar."""

    def get(self, request: HttpRequest, where: str, name: str) -> HttpResponse:
        item = item_of(self.user, f"{where}/{name}")
        file = calendar_for(item.row) if item is not None and item.due_at is not None else None
        if file is None:
            raise Http404
        headers = {"Content-Disposition": 'attachment; filename="deadline.ics"', "Cache-Control": "no-store"}
        return HttpResponse(file, content_type="text/calendar; charset=utf-8", headers=headers)


class MailChoices(OwnPage):
    """In which language the user is written to, and what comes by e-mail in addition to what is owed to them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request, None, 200)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = self._form(request.POST)
        if not form.is_valid():
            return self._show(request, form, INVALID)
        try:
            choose_language(language=form.cleaned_data["language"], by=self.user)
            choose_mail(wanted=form.all_wanted, by=self.user)
        except DomainError as error:
            form.add_error(None, str(error))
            return self._show(request, form, error.http_status)
        messages.success(request, _("Your choice is saved. It holds for what is written from now on."))
        return redirect("mail_choices")

    def _form(self, data: Any = None) -> MailChoicesForm:
        optional = [kind for kind in mail_kinds_of(self.user) if not kind.is_owed]
        initial: dict[str, Any] = {"language": language_of(self.user)}
        for field, kinds in MailChoicesForm.split(optional):
            initial[field] = [kind.name for kind in kinds if kind.is_wanted]
        return MailChoicesForm(data, kinds=optional, initial=initial)

    def _show(self, request: HttpRequest, form: MailChoicesForm | None, status: int) -> HttpResponse:
        kinds = mail_kinds_of(self.user)
        # Several kinds may have one subject, such as the ways in which a membership ends.
        owed = [(why, list(dict.fromkeys(one.words for one in kinds if one.owed_for is why))) for why in Owed]
        context = {"form": form or self._form(), "owed": [(why, words) for why, words in owed if words]}
        return render(request, "members/message/choices.html", context, status=status)
