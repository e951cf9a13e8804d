"""A row that fails is recorded once, tried again later and later, named on the page, and delays nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from audit import clock
from audit.models import SweepFault
from audit.services.sweeps import Part, sweep
from members.models import Person
from tests.cast import Cast
from tests.factories import make_person
from tests.moving import move_clock, set_clock

TASK = "tests.sweep"
BACKEND = "members.sessions.LogInBackend"


class Work:
    """Rows of which some fail, and what was tried of them."""

    def __init__(self) -> None:
        self.people = [make_person(f"Person {number}").pk for number in range(3)]
        self.due = list(self.people)
        self.failing = {self.people[1]: ValueError("Wang Xiaoming")}
        self.tried: list[int] = []

    def act(self, pk: int) -> None:
        self.tried.append(pk)
        if pk in self.failing:
            raise self.failing[pk]

    def run(self) -> list[int]:
        self.tried = []
        sweep(TASK, Part("people", "members.Person", lambda behind: [pk for pk in self.due if pk > behind], self.act))
        return self.tried


@pytest.fixture
def work(transactional_db: None) -> Work:
    set_clock(clock.now())
    return Work()


def test_it_is_recorded_once_and_tried_later_and_later(work: Work) -> None:
    assert work.run() == work.people
    fault = SweepFault.objects.get()
    assert (fault.task, fault.part, fault.row, fault.fault, fault.times) == (
        TASK,
        "people",
        work.people[1],
        "ValueError",
        1,
    )
    assert fault.label == str(Person.objects.get(pk=work.people[1])), "what the row calls itself"
    assert "Xiaoming" not in fault.label
    assert work.run() == work.people, "the first failure may have been the moment's"
    assert work.run() == [work.people[0], work.people[2]], "now it rests"
    for minutes, tries in ((1.1, 3), (5.1, 4), (15.1, 5), (60.1, 6)):
        move_clock(minutes=minutes - 0.2)
        assert work.people[1] not in work.run()
        move_clock(minutes=0.2)
        assert work.people[1] in work.run()
        assert SweepFault.objects.get().times == tries
    assert SweepFault.objects.get().next_at == clock.now() + dt.timedelta(hours=1)


def test_it_ends_when_the_act_succeeds(work: Work) -> None:
    work.run()
    work.failing.clear()
    assert work.run() == work.people
    assert SweepFault.objects.get().ended_at == clock.now()
    work.failing[work.people[1]] = KeyError()
    work.run()
    assert SweepFault.objects.filter(ended_at=None).get().fault == "KeyError"


def test_it_ends_when_the_row_is_no_longer_due(work: Work) -> None:
    work.run()
    work.due.remove(work.people[1])
    move_clock(seconds=15)
    work.run()
    assert not SweepFault.objects.filter(ended_at=None).exists()


def test_a_row_that_rests_keeps_its_fault(work: Work) -> None:
    work.run()
    work.run()
    move_clock(seconds=15)
    work.run()
    assert SweepFault.objects.filter(ended_at=None).count() == 1


def test_staff_read_on_the_page_and_over_the_api_what_fails(cast: Cast, client: Client) -> None:
    now = clock.now()
    for number in range(2):
        SweepFault.objects.create(
            task="adjudication.sweep_deadlines", part="claims", row=number, label=f"C26-FAULT{number}",
            fault="ValueError", first_at=now, last_at=now, next_at=now, ended_at=now if number else None,
        )  # fmt: skip
    client.force_login(cast.auditor, backend=BACKEND)
    page = client.get(reverse("operations")).content.decode()
    assert "C26-FAULT0" in page
    assert "C26-FAULT1" not in page, "it has ended"
    found = client.get("/api/v1/operations/").json()
    assert [(one["what"], one["fault"], one["times"]) for one in found["faults"]] == [("C26-FAULT0", "ValueError", 1)]
    assert found["is_failing"] is True
