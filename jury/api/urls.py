"""API addresses of the app."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from jury.api.views import DrawViewSet, JurorViewSet

router = SimpleRouter()
router.register("draws", DrawViewSet, basename="api-draw")
router.register("jurors", JurorViewSet, basename="api-juror")
urlpatterns = router.urls
