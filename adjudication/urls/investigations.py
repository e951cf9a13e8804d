"""Addresses for the investigator."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from adjudication.views.addenda import InvestigationAddendum
from adjudication.views.findings import FactRecord
from adjudication.views.investigations import DutyEdit, InvestigationDetail, InvestigationTake, ReportSign, Worklist

urlpatterns: list[URLPattern | URLResolver] = [
    path("investigations/", Worklist.as_view(), name="worklist"),
    path("investigations/<int:pk>/", InvestigationDetail.as_view(), name="investigation_detail"),
    path("investigations/<int:pk>/take/", InvestigationTake.as_view(), name="investigation_take"),
    path("investigations/<int:pk>/duties/<slug:kind>/", DutyEdit.as_view(), name="duty_edit"),
    path("investigations/<int:pk>/facts/<slug:fact>/", FactRecord.as_view(), name="fact_record"),
    path("investigations/<int:pk>/addendum/", InvestigationAddendum.as_view(), name="investigation_addendum"),
    path("investigations/<int:pk>/report/", ReportSign.as_view(), name="report_sign"),
]
