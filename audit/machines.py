"""State machines as data: one table gives the Python transitions, the database triggers and the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Transition:
    """One named act that moves a row from any of `sources` to `target`; `when` says in words what brings it about."""

    name: str
    sources: tuple[str, ...]
    target: str
    when: str


@dataclass(frozen=True)
class Machine:
    """The whole life of one kind of row. Rows begin in `initial`; nothing moves but along `transitions`."""

    name: str
    initial: str
    states: tuple[str, ...]
    transitions: tuple[Transition, ...]

    def __post_init__(self) -> None:
        known = set(self.states)
        for transition in self.transitions:
            unknown = {*transition.sources, transition.target} - known
            if unknown:
                raise ValueError(f"{self.name}.{transition.name} names unknown states: {sorted(unknown)}")

    def __getitem__(self, name: str) -> Transition:
        for transition in self.transitions:
            if transition.name == name:
                return transition
        raise KeyError(f"{self.name} has no transition {name!r}")

    def sources(self, name: str) -> list[str]:
        """The states that the named transition may leave."""
        return list(self[name].sources)

    def target(self, name: str) -> str:
        """The state that the named transition reaches."""
        return self[name].target

    def edges(self) -> Iterator[tuple[str, str]]:
        """Every permitted (from, to), each once, in the order of the table."""
        seen: set[tuple[str, str]] = set()
        for transition in self.transitions:
            for source in transition.sources:
                edge = (source, transition.target)
                if edge not in seen:
                    seen.add(edge)
                    yield edge
