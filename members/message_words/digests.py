"""The daily digest of staff."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.message_kinds import Address, Audience, MessageKind, Param

DIGEST = "members.digest"
KINDS: dict[str, MessageKind] = {
    DIGEST: MessageKind(
        audience=Audience.LOGIN,
        subject=_("Waiting for you today: %(waiting)s"),
        body=(
            _("Pieces of work that wait for you: %(waiting)s. Those whose time ends within a day: %(soon)s."),
            _("Things that went wrong and need a look: %(problems)s."),
        ),
        why=_("You get this once a day because you work for the plan and something waits for you."),
        act=_("Open your start page"),
        address=Address("home"),
        params={"waiting": Param.NUMBER, "soon": Param.NUMBER, "problems": Param.NUMBER},
        is_owed=False,
        reminds="each morning after 8:00 in the site's time zone, to staff for whom something waits",
        lists_waiting=True,
    ),
}
