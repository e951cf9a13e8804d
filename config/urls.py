"""Every address of the service."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from config.admin_screens import hold_to_reading
from config.views import ApiPages, Front, healthz
from members.views import demo_mail
from members.views.language import set_language

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
hold_to_reading(admin.site)

api: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("", include("members.api.urls")),
    path("", include("audit.api.urls")),
    path("", include("jury.api.urls")),
    path("", include("adjudication.api.urls")),
    path("", include("allocation.api.urls")),
]

demonstration: list[URLPattern | URLResolver] = [
    path("demo/mail/", demo_mail.DemoMailList.as_view(), name="demo_mail_list"),
    path("demo/mail/<slug:key>/", demo_mail.DemoMail.as_view(), name="demo_mail"),
    path("demo/mail/<slug:key>/picture/", demo_mail.DemoMailPicture.as_view(), name="demo_mail_picture"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", Front.as_view(), name="front"),
    path("healthz", healthz, name="healthz"),
    path("i18n/setlang/", set_language, name="set_language"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/", ApiPages.as_view(), name="api_pages"),
    path("api/v1/", include(api)),
    path("", include("members.urls")),
    path("", include("audit.urls")),
    path("", include("jury.urls")),
    path("", include("adjudication.urls")),
    path("", include("allocation.urls")),
    *(demonstration if settings.IS_DEMO else ()),
]

handler400 = "config.error_pages.bad_request"
handler403 = "config.error_pages.permission_denied"
handler404 = "config.error_pages.page_not_found"
handler500 = "config.error_pages.server_error"
