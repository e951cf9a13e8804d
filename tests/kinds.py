"""Kinds of entries and messages for tests of the log and the outbox themselves, to which every kind is alike."""

from dataclasses import replace

from django.apps import apps

from audit import rooms
from audit.message_kinds import Address, Audience, MessageKind, Param, Silent, Tells

KINDS = ("thing.done", "test.acted", "storm.acted", "x.y")
MESSAGE_KINDS = {
    "test.told": MessageKind(
        audience=Audience.MEMBER,
        subject="About %(ref)s",
        body=("Something happened to %(ref)s.", "You have until %(due_at)s."),
        why="You get this because it is yours.",
        act="Open it",
        address=Address("home"),
        params={"ref": Param.REF, "due_at": Param.MOMENT},
        due="due_at",
        is_moot_when_due=True,
    ),
    "test.optional": MessageKind(
        audience=Audience.MEMBER,
        subject="About %(ref)s",
        body=("Something happened to %(ref)s.",),
        why="You get this because you did not switch it off.",
        act="Open it",
        address=Address("home"),
        params={"ref": Param.REF},
        is_owed=False,
    ),
    "test.summons": MessageKind(
        audience=Audience.JUROR,
        subject="About %(ref)s",
        body=("You were drawn for %(ref)s.",),
        why="You get this because you are a juror.",
        act="Open it",
        address=Address("home"),
        params={"ref": Param.REF},
    ),
    "test.reminder": MessageKind(
        audience=Audience.MEMBER,
        subject="A quarter of the time is left",
        body=("You have until %(due_at)s.",),
        why="You get this because it is yours.",
        act="Open it",
        address=Address("home"),
        params={"due_at": Param.MOMENT},
        due="due_at",
        is_moot_when_due=True,
        reminds="when a test says so",
    ),
    "test.to_all": MessageKind(
        audience=Audience.MEMBER,
        subject="About the plan %(ref)s",
        body=("Something happened to %(ref)s.",),
        why="You get this because you were a member.",
        act="Open it",
        address=Address("home"),
        params={"ref": Param.REF},
        is_owed=False,
        is_to_all=True,
    ),
}
MESSAGE_KINDS["test.to_all_until"] = replace(
    MESSAGE_KINDS["test.to_all"], params={"ref": Param.REF, "due_at": Param.MOMENT}, due="due_at"
)
MESSAGE_KINDS["test.notice"] = replace(MESSAGE_KINDS["test.told"], is_notice=True)
MESSAGE_KINDS["test.secret"] = replace(MESSAGE_KINDS["test.told"], is_for_reader_alone=True)
MESSAGE_KINDS["test.juror"] = replace(MESSAGE_KINDS["test.told"], audience=Audience.JUROR)
TOLD = {
    **{kind: Silent("An entry of a test.") for kind in KINDS},
    "test.acted": tuple(
        Tells(f"test.{kind}", when="as a test says")
        for kind in ("told", "optional", "summons", "to_all", "to_all_until", "notice", "secret", "juror")
    ),
}


def declare_kinds() -> None:
    """As if some room wrote them; only this process knows it."""
    room = apps.get_app_config("bench")
    room.entry_words = {**type(room).entry_words, **{kind: kind for kind in KINDS}}
    room.message_kinds = {**type(room).message_kinds, **MESSAGE_KINDS}
    room.told = {**type(room).told, **TOLD}
    for registry in (rooms.entry_words, rooms.message_kinds, rooms.told_by):
        registry.cache_clear()
