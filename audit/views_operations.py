"""The page about the workers: what they do, what is late, and what to do about it."""

from __future__ import annotations

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from audit.selectors.sweeps import SEE_OPERATIONS, operations


class OperationsPage(PermissionRequiredMixin, View):
    permission_required = SEE_OPERATIONS

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "audit/operations/detail.html", {"found": operations()})
