"""What comes back: bounces, answers and reports, and what they make of a delivery."""

from __future__ import annotations

import io
import mailbox
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit import clock
from members import channels
from members.channels.returning import return_address
from members.channels.text_files import TextFilesAdapter
from members.models import Delivery, DeliveryReport
from members.selectors.returned import mails_come_back_since
from members.services.deliveries import deliver, lose, report, send_again
from members.services.messages import tell
from members.services.returns import read_channel_reports, read_returns, record_return
from members.tasks import read_reports
from tests.bent import bend
from tests.factories import make_person, make_user
from tests.members.bouncing import answer, dsn
from tests.members.channels.making import now, waiting_for
from tests.members.services.test_messages import acted
from tests.moving import move_clock

pytestmark = pytest.mark.django_db


def taken(**fields: Any) -> Delivery:
    delivery = waiting_for(make_user(**fields))
    deliver(delivery_id=delivery.pk)
    return now(delivery)


def bounce_of(delivery: Delivery, action: str = "failed", status: str = "5.1.1") -> bytes:
    return dsn(return_address(delivery.token), (action, status))


def test_a_bounce_is_the_end_of_its_delivery() -> None:
    delivery = taken()
    assert record_return(content=bounce_of(delivery)) == "bounced"
    assert (now(delivery).status, now(delivery).fault) == ("bounced", "5.1.1")
    assert now(delivery).bounced_at is not None


def test_the_same_bounce_read_twice_counts_once() -> None:
    delivery = taken()
    record_return(content=bounce_of(delivery))
    assert record_return(content=bounce_of(delivery)) == "known already"
    assert DeliveryReport.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "code", "found", "status"),
    [("delayed", "4.4.1", "delayed", "taken"), ("delivered", "2.0.0", "arrived", "delivered"),
     ("relayed", "2.0.0", "no news", "taken")],
)  # fmt: skip
def test_other_notifications_move_it_as_they_say(action: str, code: str, found: str, status: str) -> None:
    delivery = taken()
    assert record_return(content=bounce_of(delivery, action, code)) == found
    assert now(delivery).status == status


def test_an_answer_is_kept_for_a_person_to_see_and_changes_nothing() -> None:
    delivery = taken()
    assert record_return(content=answer(return_address(delivery.token))) == "delayed"
    assert now(delivery).status == "taken"
    assert DeliveryReport.objects.get().code == "reply"


def test_a_bounce_to_a_made_up_address_says_nothing() -> None:
    delivery = taken()
    forged = return_address(delivery.token).replace(".", ".0", 1)
    assert record_return(content=dsn(forged, ("failed", "5.1.1"))) == "unknown address"
    assert record_return(content=dsn(return_address(uuid.uuid4()), ("failed", "5.1.1"))) == "unknown address"
    assert now(delivery).status == "taken"


def test_the_address_that_the_server_names_comes_first() -> None:
    delivery, other = taken(), taken()
    content = bounce_of(other)
    record_return(content=content, recipient=return_address(delivery.token))
    assert (now(delivery).status, now(other).status) == ("bounced", "taken")


class EarlyBounce:
    """A channel whose bounce is quicker than the worker that writes down that the mail was taken."""

    def hand_over(self, delivery: Delivery) -> None:
        record_return(content=bounce_of(delivery))


class KilledBehindABounce(EarlyBounce):
    def hand_over(self, delivery: Delivery) -> None:
        super().hand_over(delivery)
        raise KeyboardInterrupt


def test_a_bounce_that_comes_before_the_mail_is_written_down_as_taken_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("members.services.deliveries.adapter_of", lambda channel: EarlyBounce())
    assert taken().status == "bounced"


def test_neither_is_one_whose_worker_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("members.services.deliveries.adapter_of", lambda channel: KilledBehindABounce())
    delivery = waiting_for()
    with pytest.raises(KeyboardInterrupt):
        deliver(delivery_id=delivery.pk)
    move_clock(minutes=6)
    lose(delivery_id=delivery.pk)
    assert now(delivery).status == "bounced"


def test_a_second_bounce_after_it_was_sent_again_counts_and_the_first_does_not_again() -> None:
    delivery = taken()
    first = bounce_of(delivery)
    record_return(content=first)
    send_again(delivery=delivery, by=make_user())
    deliver(delivery_id=delivery.pk)
    assert now(delivery).status == "taken"
    assert record_return(content=first) == "known already"
    assert now(delivery).status == "taken"
    assert record_return(content=first + b"\nlater") == "bounced"
    assert now(delivery).status == "bounced"


def test_a_maildir_is_read_once(tmp_path: Path) -> None:
    box = mailbox.Maildir(str(tmp_path / "box"))
    for one in (taken(), taken()):
        box.add(bounce_of(one))
    box.add(b"junk")
    assert read_returns(path=tmp_path / "box") == {"bounced": 2, "unknown address": 1}
    assert read_returns(path=tmp_path / "box") == {}
    assert len(mailbox.Maildir(str(tmp_path / "box"))) == 3


def test_a_folder_is_read_once_and_links_in_it_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "1.eml").write_bytes(bounce_of(taken()))
    (folder / "2.eml").symlink_to(tmp_path / "elsewhere")
    assert read_returns(path=folder) == {"bounced": 1}
    assert read_returns(path=folder) == {}
    assert (folder / "read" / "1.eml").exists()


def test_an_mbox_is_read_again_and_again_and_counts_once(tmp_path: Path) -> None:
    box = mailbox.mbox(str(tmp_path / "box"))
    box.add(bounce_of(taken()))
    box.close()
    assert read_returns(path=tmp_path / "box") == {"bounced": 1}
    assert read_returns(path=tmp_path / "box") == {"known already": 1}


def test_the_command_reads_one_mail_from_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    delivery, out = taken(), io.StringIO()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(dsn("x@aid.example", ("failed", "5.1.1")))))
    call_command("read_bounces", "-", to=return_address(delivery.token), stdout=out)
    assert out.getvalue() == "1 bounced\n"
    assert now(delivery).status == "bounced"


def test_the_command_names_what_it_cannot_read(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("read_bounces", str(tmp_path / "nowhere"))
    with pytest.raises(CommandError, match="BOUNCE_PATH"):
        call_command("read_bounces", "")


def text(settings: Any, folder: Path) -> Delivery:
    settings.TEXT_FILE_PATH = folder
    channels._made.cache_clear()
    person = make_person(phone="13800000001")
    message = tell("test.optional", to=person, entry=acted(), ref="C26-7K3M9Q")
    delivery = Delivery.objects.get(message=message)
    deliver(delivery_id=delivery.pk)
    assert (folder / f"{delivery.token}.txt").read_text().startswith("13800000001\n")
    return delivery


@pytest.mark.parametrize(
    ("line", "status", "fault"),
    [("delivered\n", "delivered", ""), ("failed 21", "bounced", "21"), ("failed", "bounced", "failed"),
     ("perhaps", "taken", ""), ("failed a code that is no code", "taken", "")],
)  # fmt: skip
def test_a_report_beside_a_text_says_what_became_of_it(
    settings: Any, tmp_path: Path, line: str, status: str, fault: str
) -> None:
    delivery = text(settings, tmp_path)
    (tmp_path / f"{delivery.token}.report").write_text(line)
    assert read_reports() == 1
    assert (now(delivery).status, now(delivery).fault) == (status, fault)
    assert read_channel_reports() == 0


def test_reports_about_nothing_delay_no_other(settings: Any, tmp_path: Path) -> None:
    delivery = text(settings, tmp_path)
    (tmp_path / "0.report").write_text("delivered")
    (tmp_path / f"{uuid.UUID(int=1)}.report").write_text("delivered")
    (tmp_path / f"{delivery.token}.report").write_text("delivered")
    assert read_channel_reports() == 1
    assert isinstance(channels.adapter_of(channels.Channel.TEXT), TextFilesAdapter)


def test_the_workers_read_the_folder_of_the_settings(settings: Any, tmp_path: Path) -> None:
    delivery = taken()
    settings.BOUNCE_PATH, settings.TEXT_FILE_PATH = str(tmp_path), tmp_path / "none"
    (tmp_path / "1").write_bytes(bounce_of(delivery))
    assert read_reports() == 1
    assert now(delivery).status == "bounced"


def test_somebody_is_told_that_mails_to_their_present_address_come_back() -> None:
    delivery = taken(email="anna@people.example")
    user = delivery.message.to_user
    assert user is not None
    assert mails_come_back_since(user) is None
    record_return(content=bounce_of(delivery))
    assert mails_come_back_since(user) == now(delivery).changed_at
    user.email = "other@people.example"
    bend(user)
    assert mails_come_back_since(user) is None


def test_a_mail_that_stays_away_for_a_day_makes_the_address_good_again() -> None:
    delivery = taken(email="anna@people.example")
    user = delivery.message.to_user
    assert user is not None
    record_return(content=bounce_of(delivery))
    move_clock(minutes=1)
    later = waiting_for(user)
    deliver(delivery_id=later.pk)
    assert mails_come_back_since(user) is not None
    move_clock(days=1, minutes=1)
    assert mails_come_back_since(user) is None


def test_a_mail_that_arrived_makes_it_good_at_once() -> None:
    delivery = taken(email="anna@people.example")
    user = delivery.message.to_user
    assert user is not None
    record_return(content=bounce_of(delivery))
    move_clock(minutes=1)
    later = waiting_for(user)
    deliver(delivery_id=later.pk)
    report(delivery=later, says="arrived", source="bounce", code="2.0.0")
    assert mails_come_back_since(user) is None
    assert clock.now() > now(delivery).changed_at
