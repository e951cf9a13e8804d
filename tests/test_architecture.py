"""The house as designed: rooms, layers, the log, the machines. What the design forbids fails here."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pgtrigger
import pytest
from django.apps import apps
from django.db.models import Model
from django.utils.text import camel_case_to_spaces
from django_fsm import FSMFieldMixin

from audit.locks import AdvisoryLock
from audit.rooms import all_machines

ROOT = Path(__file__).parents[1]
ROOMS = ("audit", "members", "jury", "adjudication", "allocation")
CODE = ("pages", *ROOMS, "config", "run", "bench", "scripts")
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60

MACHINES = {machine.name: machine for machine in all_machines()}


def fsm_models() -> dict[type[Model], FSMFieldMixin]:
    return {
        model: field
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, FSMFieldMixin)
    }


MACHINE_OF = {model: MACHINES.get(camel_case_to_spaces(model.__name__)) for model in fsm_models()}
"""The machine of a row bears its name, in words."""

WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete"}
"""Calls that write a row; `update` is told apart from a dictionary's by what it is called on."""

THE_LOG_ITSELF = {"audit.services.append", "audit.services.entries.append"}
WITHOUT_ENTRY = {
    "audit.services.sequencing.sequence": "it is the log: placing an entry would need another entry to be placed",
    "audit.services.checkpoints.sign_checkpoint": "it is the log: a signed entry for it would ask for another",
    "allocation.services.orders.escalate_silent": "it runs the step of each kind of payment, which appends its own",
    "allocation.services.orders.note_attempt": "part of an exchange; what is booked of it appends its entry",
    "adjudication.services.states.enter": "part of an act, which appends its entry",
    "adjudication.services.states.wait_until": "part of an act, which appends its entry",
    "adjudication.services.evidence.delete_rows": "part of taking evidence back or discarding a draft, which append it",
    "members.services.messages.tell_members": "part of an act, whose entry the message refers to",
    "members.services.inbox.open_item": "it notes what somebody has read of their own inbox, and is nobody else's act",
    "jury.services.quick_ballots.cast_if_in_order": "its entry is written by the statement that writes the ballot",
    "jury.services.reminders.remind_juror": "the message is the record; an entry would show who has not voted",
    "jury.services.reminders.remind_professional": "a reminder's message is its own record",
    "adjudication.services.reminders.remind_applicant": "a reminder's message is its own record",
    "adjudication.services.reminders.warn_investigator": "a reminder's message is its own record",
    "adjudication.services.states.begin_hold": "part of an act, which appends its entry",
    "adjudication.services.investigations.begin_work": "part of an act, which appends its entry",
    "adjudication.services.lacking.wait_for_people": "it notes what a step lacks; what follows is an act of its own",
    "adjudication.services.reminders.remind_of_wait": "a reminder's message is its own record",
    "adjudication.services.reminders.tell_decision_late": "a reminder's message is its own record",
    "adjudication.services.reminders.tell_waits_late": "a reminder's message is its own record",
    "members.services.inbox.read_all": "it notes what somebody has read of their own inbox, as opening it does",
    "members.services.deliveries.lose": "a delivery's row is its own record",
    "members.services.digests.send_digest": "a reminder: the message and the row of the day are its own record",
    "members.services.deliveries.report": "the report is stored as a row that never changes",
    "allocation.services.reminders.remind_of_charge": "the reminder is stored as messages, whose facts never change",
    "allocation.services.reminders.remind_of_share": "the reminder is stored as a message, whose facts never change",
    "members.services.messages.tell_at": "part of an act, whose entry the message refers to",
    "allocation.services.carrying.correct_carried": "part of the charge, whose entry says how many sums it corrected",
}
"""Services that write and append nothing, each with its reason."""

WHOSE_OWN_ACT = {
    "members.services.inbox.open_item": "the user who reads is who acts",
    "members.services.users.record_password": "the user whose password it is is who acts",
    "members.services.users.record_address": "the user whose address it is is who acts",
    "members.services.users.record_login": "the user who logs in is who acts",
    "members.services.users.record_sign_up": "the user who signs up is who acts",
}
PARTS_OF_ACTS = {
    "adjudication.services.states.enter",
    "adjudication.services.states.wait_until",
    "adjudication.services.states.begin_hold",
    "adjudication.services.investigations.begin_work",
    "adjudication.services.evidence.delete_rows",
    "allocation.services.orders.note_attempt",
    "allocation.services.payments.settle_if_done",
    "allocation.services.carrying.correct_carried",
    "members.services.messages.tell",
    "members.services.messages.tell_all",
    "members.services.messages.tell_each",
    "members.services.messages.tell_members",
    "members.services.messages.tell_at",
    "allocation.services.telling.tell_reviewers",
    "allocation.services.telling.tell_that_payments_wait",
    "allocation.services.telling.tell_claimant",
    "allocation.services.telling.tell_debtors",
}
"""Called by acts, inside their transaction, and by nobody else."""
BY_THE_SERVICE_ITSELF = (
    "audit.services.sequencing.",
    "audit.services.checkpoints.",
    "allocation.services.payments.",
    "allocation.services.orders.",
    "allocation.services.silence.",
    "allocation.services.failures.",
    "allocation.services.arrears.end_in_arrears",
    "allocation.services.arrears.escalate_retry",
    "allocation.services.refunds.",
    "adjudication.services.imports.",
    "allocation.services.dissolutions.end_memberships",
    "allocation.services.dissolutions.settle_dissolution",
    "members.services.dissolutions.end_memberships_of",
    "allocation.services.reminders.",
    "members.services.past_age.",
    "members.services.deliveries.",
    "members.services.digests.",
    "members.services.broadcasts.mail_broadcast",
    "jury.services.reminders.",
    "adjudication.services.reminders.",
    "adjudication.services.lacking.",
    "adjudication.services.waits.",
    "adjudication.services.holds.lapse_hold",
)
"""Acts that only workers and commands perform, in the service's own name."""


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def layer(name: str) -> list[Path]:
    """The files of one layer in every room, whether it is a module or a package; `api/views` is the layer `views`."""
    return [
        path
        for path in sources(*ROOMS)
        if name in path.relative_to(ROOT).with_suffix("").parts[1:3] and "management" not in path.parts
    ]


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every name imported anywhere in a file, dotted, with its line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def forbidden_imports(paths: list[Path], *prefixes: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in paths
        for name, line in imports(path)
        if any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)
    ]


def of_rooms(*layers: str) -> list[str]:
    return [f"{room}.{one}" for room in ROOMS for one in layers]


def calls(node: ast.AST) -> Iterator[ast.Call]:
    return (found for found in ast.walk(node) if isinstance(found, ast.Call))


def attributes_called(path: Path, names: set[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{call.lineno} calls .{call.func.attr}()"
        for call in calls(tree(path))
        if isinstance(call.func, ast.Attribute) and call.func.attr in names
    ]


def test_the_rooms_import_one_way() -> None:
    """The contract of pyproject.toml, as `make lint` checks it."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_layer_is_looked_at() -> None:
    """A layer that no file is found for would be held to nothing."""
    for name in ("rules", "models", "selectors", "services", "views", "forms", "serializers", "tasks"):
        assert layer(name), name
    assert len(layer("services")) > 20
    assert len(layer("rules")) > 20


def test_rules_know_no_database_no_settings_no_clock_and_no_chance() -> None:
    found = forbidden_imports(
        layer("rules"),
        "django.db",
        "django.conf",
        "django.utils.timezone",
        "django.http",
        "random",
        "secrets",
        "time",
        "os",
        "uuid",
        *of_rooms("models", "selectors", "services", "views", "forms", "tasks", "api"),
    )
    clock = [each for path in layer("rules") for each in attributes_called(path, {"now", "today", "utcnow", "time"})]

    assert not found + clock


def test_rules_reach_no_model_by_any_way_round() -> None:
    graph = grimp.build_graph(*ROOMS, cache_dir=None)
    for path in layer("rules"):
        reached = graph.find_upstream_modules(module_of(path))
        models = sorted(name for name in reached if name.split(".")[1:2] == ["models"])
        assert not models, f"{module_of(path)} reaches {models[0]}"


def test_models_know_nothing_above_them() -> None:
    assert not forbidden_imports(
        layer("models"),
        "django.http",
        "django.core.mail",
        *of_rooms("selectors", "services", "views", "forms", "tasks", "api"),
    )


def test_selectors_read_and_never_write() -> None:
    found = forbidden_imports(
        layer("selectors"), "django.http", *of_rooms("services", "views", "forms", "tasks", "api")
    )
    writes = [each for path in layer("selectors") for each in attributes_called(path, WRITES)]

    assert not found + writes


def test_services_know_no_request_and_no_page() -> None:
    assert not forbidden_imports(
        layer("services"),
        "requests",
        "django.http",
        "django.shortcuts",
        "django.forms",
        "rest_framework",
        *of_rooms("views", "forms", "api", "tasks"),
    )


@pytest.mark.parametrize("name", ["forms", "serializers"])
def test_forms_and_serializers_only_shape_input(name: str) -> None:
    """They may know a service's limits, never call its acts."""
    services = Services()
    acts = [one for one in services.public() if services.writes(one)]
    found = forbidden_imports(layer(name), "django.db.transaction", *of_rooms("views"), *acts)
    writes = [each for path in layer(name) for each in attributes_called(path, WRITES)]

    assert not found + writes


def test_views_ask_selectors_and_call_services() -> None:
    paths = layer("views") + layer("api")
    managers = [
        f"{path.relative_to(ROOT)}:{node.lineno} asks {ast.unparse(node)}"
        for path in paths
        for node in ast.walk(tree(path))
        # `objects.none()` tells the schema of the API what a list holds; it asks nothing.
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith(".objects") and node.attr != "none"
    ]
    writes = [each for path in paths for each in attributes_called(path, WRITES)]
    acts = {one.name for machine in MACHINES.values() for one in machine.transitions}
    moves = [
        f"{path.relative_to(ROOT)}:{call.lineno} moves a row: {ast.unparse(call)}"
        for path in paths
        for call in calls(tree(path))
        if isinstance(call.func, ast.Attribute) and call.func.attr in acts and not call.args + call.keywords
    ]

    assert not managers + writes + moves + forbidden_imports(paths, "django.db.transaction")


def test_tasks_take_ids_and_call_services() -> None:
    paths = layer("tasks")
    assert not forbidden_imports(paths, *of_rooms("models", "views", "forms"), "django.db")
    assert not [each for path in paths for each in attributes_called(path, WRITES)]


def test_the_triggers_are_never_switched_off() -> None:
    """Only migrations and tests may: anybody else would be past the machines without a trace."""
    switch = re.compile(r"pgtrigger\s*\.\s*ignore|pgtrigger\.core|session_replication_role|disable\s+trigger", re.I)
    files = [*sources(*CODE), ROOT / "manage.py"]

    assert not [str(path.relative_to(ROOT)) for path in files if switch.search(path.read_text(encoding="utf-8"))]
    assert not forbidden_imports(files, "pgtrigger.ignore")


def test_no_relation_leads_back_up_into_a_higher_room() -> None:
    """A row may point down; the row pointed at has no attribute and no look-up by which its room could reach up."""
    down = [
        field
        for model in apps.get_models()
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if field.is_relation
        and model._meta.app_label in ROOMS
        and field.related_model._meta.app_label in ROOMS
        and field.related_model._meta.app_label != model._meta.app_label
    ]

    assert len(down) > 30
    assert not [str(field) for field in down if not field.remote_field.hidden]


def test_no_room_names_a_table_of_a_higher_one() -> None:
    """Neither in SQL: what a layer contract forbids to import is not read past it."""
    for number, room in enumerate(ROOMS):
        tables = re.compile(rf"\b(?:{'|'.join(ROOMS[number + 1 :]) or '-'})_[a-z]+\b")
        models = {model._meta.db_table for model in apps.get_models()}
        found = {
            f"{path.relative_to(ROOT)} names {name}"
            for path in sources(room)
            for name in tables.findall(path.read_text(encoding="utf-8"))
            if name in models
        }
        assert not found, sorted(found)


def test_no_signal_carries_the_domain() -> None:
    """What happens stands in a service. The log-in signal is allauth's way to report a log-in, and may be received."""
    paths = [path for path in sources(*ROOMS) if module_of(path) != "members.accounts"]

    assert not forbidden_imports(
        paths,
        "django.dispatch",
        "django.db.models.signals",
        "django.contrib.auth.signals",
        "django.core.signals",
        "allauth.account.signals",
    )


class Services:
    """Every function of every services module, and which of them it calls."""

    def __init__(self) -> None:
        self.functions: dict[str, ast.FunctionDef] = {}
        self.names: dict[str, dict[str, str]] = {}
        for path in layer("services"):
            module = module_of(path)
            names = {name.rpartition(".")[2]: name for name, _line in imports(path)}
            for node in tree(path).body:
                if isinstance(node, ast.FunctionDef):
                    self.functions[f"{module}.{node.name}"] = node
                    names[node.name] = f"{module}.{node.name}"
            self.names[module] = names

    def public(self) -> list[str]:
        return [name for name, node in self.functions.items() if not node.name.startswith("_")]

    def writes(self, name: str) -> bool:
        return any(self._is_write(call) for call in calls(self.functions[name])) or any(
            "atomic" in ast.unparse(one) for one in self.functions[name].decorator_list
        )

    def appends(self, name: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether it calls `append`, itself or through other services."""
        if name in THE_LOG_ITSELF:
            return True
        if name not in self.functions or name in seen:
            return False
        return any(self.appends(called, seen | {name}) for called in self._called(name))

    def _called(self, name: str) -> set[str]:
        names = self.names[name.rpartition(".")[0]]
        found = set()
        for call in calls(self.functions[name]):
            if isinstance(call.func, ast.Name):
                found.add(names.get(call.func.id, ""))
            elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
                found.add(f"{names.get(call.func.value.id, '')}.{call.func.attr}")
        return found

    @staticmethod
    def _is_write(call: ast.Call) -> bool:
        text = ast.unparse(call.func)
        if text.endswith("transaction.atomic") or text.rpartition(".")[2] in WRITES:
            return True
        return text.endswith(".update") and ("objects" in text or "filter(" in text)


def test_every_service_that_writes_appends_an_entry() -> None:
    services = Services()
    writing = [name for name in services.public() if services.writes(name)]
    silent = [name for name in writing if not services.appends(name)]

    assert len(writing) > 40
    assert sorted(silent) == sorted(WITHOUT_ENTRY)


def test_acts_are_called_by_name_and_say_who_acts() -> None:
    """Services that write are keyword-only and take `by=`."""
    services = Services()
    for name in set(services.public()) - PARTS_OF_ACTS - set(WHOSE_OWN_ACT):
        if not services.writes(name):
            continue
        arguments = services.functions[name].args
        named = {one.arg for one in arguments.kwonlyargs}
        assert not arguments.args, f"{name} takes positional arguments"
        assert "by" in named or name.startswith(BY_THE_SERVICE_ITSELF), f"{name} takes no by="


def test_every_row_with_a_state_has_its_machine() -> None:
    assert {model: machine for model, machine in MACHINE_OF.items() if machine is None} == {}
    assert set(MACHINE_OF.values()) == set(MACHINES.values())
    assert len(MACHINE_OF) == len(MACHINES) > 10


@pytest.mark.parametrize("model", MACHINE_OF, ids=lambda model: model.__name__)
def test_the_methods_of_a_row_are_the_machine_s_acts(model: type[Model]) -> None:
    machine, field = MACHINE_OF[model], fsm_models()[model]
    methods = {(one.name, one.source, one.target) for one in field.get_all_transitions(model)}
    table = {(one.name, source, one.target) for one in machine.transitions for source in one.sources}

    assert methods == table
    assert field.protected
    assert field.default == machine.initial
    assert [value for value, _label in field.choices] == list(machine.states)


@pytest.mark.parametrize("model", MACHINE_OF, ids=lambda model: model.__name__)
def test_the_database_holds_a_row_to_its_machine(model: type[Model]) -> None:
    machine = MACHINE_OF[model]
    triggers = {trigger.name: trigger for of, trigger in pgtrigger.registered() if of is model}
    moves = triggers["machine_moves"].condition.resolve(model)

    of_the_machine = {"machine_first_state", "machine_moves", "machine_no_delete", "machine_no_truncate"}
    assert {name for name in triggers if name.startswith("machine_")} == of_the_machine
    assert set(re.findall(r"OLD\.\"status\" = '(\w+)' AND NEW\.\"status\" = '(\w+)'", moves)) == set(machine.edges())


def attributes_used(path: Path) -> set[str]:
    """Attributes called, or passed as to `enter`; to ask `can_proceed` about one performs nothing."""
    asked = {one for call in calls(tree(path)) if ast.unparse(call.func) == "can_proceed" for one in call.args}
    return {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node not in asked}


def test_every_act_of_a_machine_is_some_service_s() -> None:
    """The database allows no move that no service makes: an act enters the table with its service."""
    performed = {name for path in layer("services") for name in attributes_used(path)}
    acts = {one.name for machine in MACHINES.values() for one in machine.transitions}

    assert not acts - performed


def test_canonical_json_is_written_in_one_place() -> None:
    """Data under a digest has one encoder: two would agree until the day when one of them is changed."""
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sources(*CODE)
        for call in calls(tree(path))
        if ast.unparse(call.func) in {"json.dumps", "dumps"} and any(one.arg == "separators" for one in call.keywords)
    ]

    assert [each.rpartition(":")[0] for each in found] == ["audit/rules/canonical.py"], found


def test_the_numbers_of_advisory_locks_stand_in_one_registry() -> None:
    """Two locks with one number would stop acts that have nothing to do with each other, and nobody would see why."""
    asked = [path for path in sources(*CODE) if re.search(r"pg_\w*advisory", path.read_text(encoding="utf-8"))]

    assert [str(path.relative_to(ROOT)) for path in asked] == ["audit/locks.py"]
    # Locks of one number and of two numbers are apart in PostgreSQL; here even those differ.
    assert len({lock.value for lock in AdvisoryLock}) == len(AdvisoryLock.__members__)


def test_files_stay_short_enough_to_read() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources(*CODE)}

    assert not [f"{path.relative_to(ROOT)}: {n} lines" for path, n in lengths.items() if n > MOST_LINES_OF_A_FILE]


def test_functions_stay_short_enough_to_read() -> None:
    functions = [
        (f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for path in sources(*CODE)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert len(functions) > 500
    assert not [f"{name}: {lines} lines" for name, lines in functions if lines > MOST_LINES_OF_A_FUNCTION]
