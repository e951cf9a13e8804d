"""The product's addresses and the bare view beside them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from bench.bare import insert_row
from config import urls

urlpatterns: list[URLPattern | URLResolver] = [path("bench/bare/", insert_row), *urls.urlpatterns]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
