"""Every address of the service."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from config.admin_screens import hold_to_reading
from config.pages import ApiPages, Front
from config.views import healthz

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

urlpatterns: list[URLPattern | URLResolver] = [
    path("", Front.as_view(), name="front"),
    path("healthz", healthz, name="healthz"),
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
]

handler400 = "config.pages.bad_request"
handler403 = "config.pages.permission_denied"
handler404 = "config.pages.page_not_found"
handler500 = "config.pages.server_error"
