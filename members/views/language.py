"""Switching the language of the pages, which is also the language of what is sent from then on."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.i18n import set_language as switch_pages

from members.models import User
from members.services.mail_choices import choose_language


def set_language(request: HttpRequest) -> HttpResponseBase:
    """Django's own switch; somebody signed in is written to in that language too."""
    response = switch_pages(request)
    language = request.POST.get("language", "")
    known = {code for code, _name in settings.LANGUAGES}
    if request.method == "POST" and isinstance(request.user, User) and language in known:
        choose_language(language=language, by=request.user)
    return response
