"""Payment services that do not answer, for payouts whose fate nobody knows."""

from __future__ import annotations

from allocation.gateways import Answer, DemonstrationBank, GatewayUnreachable


class TakesAndIsSilent(DemonstrationBank):
    """The order arrives and is carried out; the answer is lost."""

    def order(self, *, key: str, amount_minor: int) -> Answer:
        super().order(key=key, amount_minor=amount_minor)
        raise GatewayUnreachable

    def query(self, *, key: str) -> Answer:
        raise GatewayUnreachable


class NeverHears(DemonstrationBank):
    """Nothing arrives: the bank will not know the key."""

    def order(self, *, key: str, amount_minor: int) -> Answer:
        raise GatewayUnreachable

    def query(self, *, key: str) -> Answer:
        raise GatewayUnreachable
