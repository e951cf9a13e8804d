"""Addresses of the app: plans for everybody, leaving with a log-in, drafts and people for staff."""

from __future__ import annotations

from django.urls import path

from members.views import inbox, message_board, plan_drafts
from members.views.identity import IdentityDetail, IdentityList
from members.views.people import PeopleSearch, PersonUnmask
from members.views.plans import PlanDetail, PlanDifferences, PlanFile, PlanList

urlpatterns = [
    path("plans/", PlanList.as_view(), name="plan_list"),
    path("plans/<slug:code>/", PlanDetail.as_view(), name="plan_detail"),
    path("plans/<slug:code>/versions/<slug:label>.toml", PlanFile.as_view(), name="plan_file"),
    path("plans/<slug:code>/differences/", PlanDifferences.as_view(), name="plan_differences"),
    path("inbox/", inbox.InboxList.as_view(), name="inbox"),
    path("inbox/read/", inbox.InboxReadAll.as_view(), name="inbox_read_all"),
    path("inbox/<slug:where>/<slug:name>/", inbox.InboxItemPage.as_view(), name="inbox_item"),
    path("inbox/<slug:where>/<slug:name>/deadline.ics", inbox.InboxCalendar.as_view(), name="inbox_calendar"),
    path("account/messages/", inbox.MailChoices.as_view(), name="mail_choices"),
    path("board/people/", PeopleSearch.as_view(), name="people_search"),
    path("board/people/<int:pk>/unmask/", PersonUnmask.as_view(), name="person_unmask"),
    path("board/messages/", message_board.MessageBoard.as_view(), name="message_board"),
    path("board/messages/retry/", message_board.DeliveriesRetry.as_view(), name="deliveries_retry"),
    path("board/messages/deliveries/<int:pk>/retry/", message_board.DeliveryRetry.as_view(), name="delivery_retry"),
    path("board/messages/<uuid:public_id>/", message_board.MessageOfStaff.as_view(), name="message_of_staff"),
    path("board/identities/", IdentityList.as_view(), name="identity_list"),
    path("board/identities/<int:pk>/", IdentityDetail.as_view(), name="identity_detail"),
    path("board/plans/drafts/", plan_drafts.DraftList.as_view(), name="plan_draft_list"),
    path("board/plans/drafts/new/", plan_drafts.DraftStart.as_view(), name="plan_draft_start"),
    path("board/plans/drafts/<int:pk>/", plan_drafts.DraftDetail.as_view(), name="plan_draft_detail"),
    path("board/plans/drafts/<int:pk>/edit/", plan_drafts.DraftEdit.as_view(), name="plan_draft_edit"),
    path("board/plans/drafts/<int:pk>/propose/", plan_drafts.DraftPropose.as_view(), name="plan_draft_propose"),
    path("board/plans/drafts/<int:pk>/send-back/", plan_drafts.DraftSendBack.as_view(), name="plan_draft_send_back"),
    path("board/plans/drafts/<int:pk>/publish/", plan_drafts.DraftPublish.as_view(), name="plan_draft_publish"),
    path("board/plans/drafts/<int:pk>/withdraw/", plan_drafts.DraftWithdraw.as_view(), name="plan_draft_withdraw"),
]
