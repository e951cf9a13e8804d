"""Pages of a demonstration: the mails that it wrote into files, as their readers would have got them."""

from __future__ import annotations

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin

from members.selectors.sent_mails import SentMail, sent_mail, sent_mails

A_PAGE = 25


@method_decorator(never_cache, name="dispatch")
class DemoPage(View):
    """Open to everybody, as the log-ins of a demonstration are. Outside of one there is no such page."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Asked again here: a mistake in the addresses must not show people's mail."""
        if not settings.IS_DEMO:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def mail(self, key: str) -> SentMail:
        """The mail of this name."""
        found = sent_mail(key)
        if found is None:
            raise Http404
        return found


class DemoMailList(DemoPage):
    """Every mail, the newest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(sent_mails(), A_PAGE).get_page(request.GET.get("page"))
        return render(request, "members/demo/mails.html", {"page": page})


@method_decorator(csp_update({"frame-src": [SELF]}), name="dispatch")
class DemoMail(DemoPage):
    """One mail: its HTML part as a mail program draws it, its text part beside it, and what came with it."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return render(request, "members/demo/mail.html", {"mail": self.mail(key)})


# The mail's own styles stand in it, as mail programs need them; nothing else of it may do anything. `sandbox` holds
# for somebody who opens the address itself, too.
@method_decorator(
    csp(
        {
            "default-src": [NONE],
            "style-src": [UNSAFE_INLINE],
            "base-uri": [NONE],
            "form-action": [NONE],
            "frame-ancestors": [SELF],
            "sandbox": True,
        }
    ),
    name="dispatch",
)
@method_decorator(xframe_options_sameorigin, name="dispatch")
class DemoMailPicture(DemoPage):
    """The HTML part alone, for the frame: it may run, load and send nothing."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return HttpResponse(self.mail(key).html)
