"""API addresses of the app."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from jury.api.views import DrawViewSet, JurorViewSet, VoteViewSet

router = SimpleRouter()
router.register("draws", DrawViewSet, basename="api-draw")
router.register("votes", VoteViewSet, basename="api-vote")
router.register("jurors", JurorViewSet, basename="api-juror")
urlpatterns = router.urls
