"""Pages of the juror: the summonses, the masked file, the ballot, and stepping down."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from adjudication.forms.ballots import BallotForm, RecusalForm
from adjudication.selectors.seats import (
    CAST,
    RECUSED,
    TO_VOTE,
    file_of_seat,
    last_ballot,
    own_seats,
    result_of_seat,
    rules_of_seat,
    state_of,
    summonses,
)
from adjudication.services.seats import cast_ballot, recuse_seat
from adjudication.views.parts import INVALID, refuse, user_of
from audit.errors import DomainError
from jury.access import is_juror
from jury.errors.ballots import BallotAlreadyCast, NoBallotToReplace, WordsTooLong, WordsUnreadable
from jury.models import Seat
from jury.services.ballots import open_case_file
from members.access import Access, RoleRequired
from members.errors.plans import ReasonNotInPlan

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
            "result": result_of_seat(seat),
            "ballot": last_ballot(seat),
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
        """Cast, and confirm on a page of its own; on an error the form keeps what was typed."""
        seat = self.seat(pk)
        form = BallotForm(request.POST, rules=rules_of_seat(seat))
        if not form.is_valid():
            return self._show(request, seat, form, INVALID)
        try:
            cast_ballot(seat_id=seat.pk, **form.cleaned_data, by=user_of(request))
        except DomainError as error:
            status = refuse(form, error, _FIELDS)
            seat = self.seat(pk)
            _remember_first(form, error, seat)
            return self._show(request, seat, form, status)
        return redirect("ballot_done", pk=seat.pk)

    def _show(self, request: HttpRequest, seat: Seat, form: BallotForm, status: int) -> HttpResponse:
        context = {"seat": seat, "panel": seat.panel, "state": state_of(seat), "form": form}
        return render(request, "adjudication/ballot/cast.html", context, status=status)


def _remember_first(form: BallotForm, error: DomainError, seat: Seat) -> None:
    """After two ballots at once the form takes up the first one's number, so that sending again replaces that one."""
    if isinstance(error, BallotAlreadyCast | NoBallotToReplace) and isinstance(form.data, QueryDict):
        form.data = form.data.copy()
        form.data["replaces"] = str(seat.last_sequence)


class BallotDone(JurorPage):
    """Confirmation that the ballot is cast, with the receipt and when the result comes."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        seat = self.seat(pk)
        ballot = last_ballot(seat)
        if ballot is None:
            raise Http404
        context = {"seat": seat, "panel": seat.panel, "state": state_of(seat), "ballot": ballot}
        return render(request, "adjudication/ballot/done.html", context)


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
