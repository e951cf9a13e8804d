"""Addresses for the member."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from adjudication.views.accounts import ClaimAccount
from adjudication.views.claims import ClaimAnswer, ClaimList, ClaimNonce, ClaimPapers, ClaimWithdraw
from adjudication.views.drafts import ClaimDraftPage, ClaimNew, Icd10Search
from adjudication.views.evidence import EvidenceFile
from adjudication.views.findings import ClaimFacts
from adjudication.views.people import LookList

urlpatterns: list[URLPattern | URLResolver] = [
    path("home/looks/", LookList.as_view(), name="look_list"),
    path("claims/", ClaimList.as_view(), name="claim_list"),
    path("claims/new/", ClaimNew.as_view(), name="claim_new"),
    path("claims/drafts/<int:pk>/<slug:step>/", ClaimDraftPage.as_view(), name="claim_draft"),
    path("claims/<str:ref>/withdraw/", ClaimWithdraw.as_view(), name="claim_withdraw"),
    path("claims/<str:ref>/papers/", ClaimPapers.as_view(), name="claim_papers"),
    path("claims/<str:ref>/answer/", ClaimAnswer.as_view(), name="claim_answer"),
    path("claims/<str:ref>/facts/", ClaimFacts.as_view(), name="claim_facts"),
    path("claims/<str:ref>/account/", ClaimAccount.as_view(), name="claim_account"),
    path("claims/<str:ref>/word/", ClaimNonce.as_view(), name="claim_nonce"),
    path("evidence/<int:pk>/", EvidenceFile.as_view(), name="evidence_file"),
    path("codes/icd10/", Icd10Search.as_view(), name="icd10_search"),
]
