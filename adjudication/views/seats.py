"""Pages of the juror: the summonses, the masked file, the ballot, and stepping down."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from adjudication.forms.ballots import BallotForm, RecusalForm, read_quickly
from adjudication.selectors.addenda import has_news
from adjudication.selectors.seats import (
    CAST,
    RECUSED,
    TO_VOTE,
    addendum_of_seat,
    dispute_of,
    file_of_seat,
    last_ballot,
    own_seats,
    result_of_seat,
    rules_of_seat,
    state_of,
    summonses,
)
from adjudication.services.seats import cast_ballot, cast_quickly, dispute_seat, recuse_seat
from adjudication.views.parts import INVALID, refuse, user_of
from audit.errors import DomainError
from jury.access import is_juror
from jury.errors.ballots import BallotAlreadyCast, NoBallotToReplace, WordsTooLong, WordsUnreadable
from jury.models import Seat
from jury.selectors.tokens import token_of_seat
from jury.services.ballots import CastBallot, open_case_file
from members.access import Access, RoleRequired
from members.errors.plans import ReasonNotInPlan
from members.models import User
from pages.slots import page_in_slots
from pages.templatetags.assize import machine_time, moment

_FIELDS: dict[type[DomainError], str] = {
    ReasonNotInPlan: "reason_codes",
    WordsTooLong: "words",
    WordsUnreadable: "words",
}


class JurorPage(RoleRequired, View):
    """A page for jurors; a seat can be opened only by the juror drawn for it."""

    allowed: ClassVar[tuple[Access, ...]] = (is_juror,)

    def seat(self, pk: int) -> Seat:
        """The juror's own seat, or 404, which does not reveal that a seat exists."""
        return get_object_or_404(own_seats(self.request.user), pk=pk)


class SeatList(JurorPage):
    """The juror's seats: to vote on, voted, and over."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "adjudication/seat/list.html", {"summonses": summonses(request.user)})


class SeatDetail(JurorPage):
    """The masked file while the panel votes; afterwards the counts and how the claim went on."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Opening the file is recorded."""
        seat = self.seat(pk)
        if state_of(seat) in {TO_VOTE, CAST}:
            try:
                open_case_file(seat_id=seat.pk, by=user_of(request))
            except DomainError as error:
                return self._show(request, self.seat(pk), error.http_status, [str(error)])
        return self._show(request, seat, 200, [])

    def _show(self, request: HttpRequest, seat: Seat, status: int, errors: list[str]) -> HttpResponse:
        context = {
            "seat": seat,
            "panel": seat.panel,
            "state": state_of(seat),
            "file": None if errors else file_of_seat(seat),
            "addendum": None if errors else addendum_of_seat(seat),
            "has_news": has_news(seat),
            "result": result_of_seat(seat),
            "ballot": last_ballot(seat),
            "token": token_of_seat(seat),
            "dispute": dispute_of(seat),
            "errors": errors,
        }
        return render(request, "adjudication/seat/detail.html", context, status=status)


class BallotCast(JurorPage):
    """One step without a preview: what is sent is sealed and committed in this request."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form; a juror who has not opened the file is redirected to it first."""
        seat = self.seat(pk)
        if state_of(seat) not in {TO_VOTE, CAST} or seat.first_seen_at is None:
            return redirect("seat_detail", pk=seat.pk)
        form = BallotForm(rules=rules_of_seat(seat), initial={"replaces": seat.last_sequence})
        return self._show(request, seat, form, 200)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Cast, and confirm in the answer itself; on an error the form keeps what was typed."""
        seat = self.seat(pk)
        form = BallotForm(request.POST, rules=rules_of_seat(seat))
        if not form.is_valid():
            return self._show(request, seat, form, INVALID)
        try:
            cast = cast_ballot(seat_id=seat.pk, **form.cleaned_data, by=user_of(request))
        except DomainError as error:
            status = refuse(form, error, _FIELDS)
            seat = self.seat(pk)
            _remember_first(form, error, seat)
            return self._show(request, seat, form, status)
        panel = self.seat(pk).panel
        return _confirm(pk, cast, panel.case_ref, panel.closes_at)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A ballot that is in order is cast at once, by an act that asks who may; all else goes the usual way."""
        if request.method == "POST" and isinstance(request.user, User):
            said = read_quickly(request.POST)
            cast = said and cast_quickly(seat_id=kwargs["pk"], **said, by=request.user)
            if cast:
                return _confirm(kwargs["pk"], cast.ballot, cast.case_ref, cast.closes_at)
        return super().dispatch(request, *args, **kwargs)

    def _show(self, request: HttpRequest, seat: Seat, form: BallotForm, status: int) -> HttpResponse:
        context = {"seat": seat, "panel": seat.panel, "state": state_of(seat), "form": form}
        context |= {"addendum": addendum_of_seat(seat)}
        return render(request, "adjudication/ballot/cast.html", context, status=status)


def _confirm(seat_id: int, cast: CastBallot, case_ref: str, closes_at: dt.datetime | None) -> HttpResponse:
    """The receipt, in this answer and nowhere else: a page of its own would have to keep it until it is asked."""
    is_over = closes_at is None or closes_at <= cast.cast_at
    slots = {
        "receipt": cast.receipt,
        "token": cast.token,
        "case_ref": case_ref,
        "cast_at": moment(cast.cast_at),
        "cast_machine": machine_time(cast.cast_at),
        "closes_at": moment(closes_at),
        "closes_machine": machine_time(closes_at),
        "seat_url": reverse("seat_detail", args=[seat_id]),
        "change_url": reverse("ballot_cast", args=[seat_id]),
    }
    answer = HttpResponse(page_in_slots("adjudication/ballot/done.html", {"is_over": is_over}, slots))
    answer["Cache-Control"] = "no-store"
    return answer


def _remember_first(form: BallotForm, error: DomainError, seat: Seat) -> None:
    """After two ballots at once the form takes up the first one's number, so that sending again replaces that one."""
    if isinstance(error, BallotAlreadyCast | NoBallotToReplace) and isinstance(form.data, QueryDict):
        form.data = form.data.copy()
        form.data["replaces"] = str(seat.last_sequence)


class SeatRecuse(JurorPage):
    """Stepping down, with a confirmation and a reason."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(request, self.seat(pk), RecusalForm(), 200)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        seat = self.seat(pk)
        form = RecusalForm(request.POST)
        if not form.is_valid():
            return self._show(request, seat, form, INVALID)
        try:
            recuse_seat(seat_id=seat.pk, reason=form.cleaned_data["reason"], by=user_of(request))
        except DomainError as error:
            return self._show(request, seat, form, refuse(form, error, {}))
        messages.success(request, _("You have stepped down. The next juror drawn takes the seat."))
        return redirect("seat_list")

    def _show(self, request: HttpRequest, seat: Seat, form: RecusalForm, status: int) -> HttpResponse:
        context: dict[str, Any] = {"seat": seat, "panel": seat.panel, "form": form}
        context["is_over"] = state_of(seat) not in {TO_VOTE, CAST}
        context["is_recused"] = state_of(seat) == RECUSED
        return render(request, "adjudication/seat/recuse.html", context, status=status)


class SeatDisputed(JurorPage):
    """One tap: what came from the seat is not what its juror did."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Record it, and come back to the page of the seat, which says what follows."""
        seat = self.seat(pk)
        try:
            dispute_seat(seat_id=seat.pk, by=user_of(request))
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("You have disputed your seat. The reviewers were told."))
        return redirect("seat_detail", pk=seat.pk)
