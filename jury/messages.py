"""What this room tells people, and which entry of the log tells whom. Jurors and professionals never learn who "
"claims."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.message_kinds import Address, Audience, MessageKind, Param, Silent, Tells

_SEAT = Address("seat_detail", ("seat",))
_SEAT_PARAMS = {"case": Param.REF, "seat": Param.NUMBER}
_OPINION = Address("opinion_detail", ("opinion",))
_OPINION_PARAMS = {"case": Param.REF, "opinion": Param.NUMBER}
_WHY_JUROR = _("You get this because you were drawn for this case.")
_WHY_PROFESSIONAL = _("You get this because you were asked for a second opinion on this case.")
_NOTHING_TO_DO = _("There is nothing more to do. Thank you for your time.")
_VOTE: str | Promise = _("Read the file and vote")
_SEAT_PAGE: str | Promise = _("Open the page of your seat")

MESSAGE_KINDS: dict[str, MessageKind] = {
    "jury.summoned": MessageKind(
        audience=Audience.JUROR,
        subject=_("You were drawn for a jury: case %(case)s"),
        body=(
            _(
                "You were drawn by lot for the jury on case %(case)s. Read the file and vote in secret by "
                "%(closes_at)s."
            ),
            _(
                "You can change your ballot until then. Nobody sees any ballot, or how many there are, before the "
                "close."
            ),
            _(
                "Do you know who this is, or could you gain or lose by the outcome? Then step down on the same page: "
                "it "
                "does not count against you."
            ),
        ),
        why=_WHY_JUROR,
        act=_VOTE,
        address=_SEAT,
        params=_SEAT_PARAMS | {"closes_at": Param.MOMENT},
        due="closes_at",
        asks="vote",
        is_notice=True,
        is_moot_when_due=True,
    ),
    "jury.quarter_left": MessageKind(
        audience=Audience.JUROR,
        subject=_("A quarter of your time to vote is left: case %(case)s"),
        body=(
            _("You have not voted on case %(case)s yet. The vote closes at %(closes_at)s."),
            _("If you do not want to judge this case, step down on the same page: it does not count against you."),
        ),
        why=_WHY_JUROR,
        act=_VOTE,
        address=_SEAT,
        params=_SEAT_PARAMS | {"closes_at": Param.MOMENT},
        due="closes_at",
        asks="vote",
        is_moot_when_due=True,
        reminds="a quarter of the juror's time is left, and they have not voted",
        is_for_reader_alone=True,
    ),
    "jury.addendum": MessageKind(
        audience=Audience.JUROR,
        subject=_("New in the file, and more time to vote: case %(case)s"),
        body=(
            _(
                "Something was found on case %(case)s after the file was frozen. You read it on the page of your seat, "
                "marked as new, with any papers that came with it. The vote now closes at %(closes_at)s."
            ),
            _("If you have voted, your ballot counts as you cast it, unless you change it by then."),
        ),
        why=_WHY_JUROR,
        act=_VOTE,
        address=_SEAT,
        params=_SEAT_PARAMS | {"closes_at": Param.MOMENT},
        due="closes_at",
        asks="vote",
        is_notice=True,
        is_moot_when_due=True,
    ),
    "jury.extended": MessageKind(
        audience=Audience.JUROR,
        subject=_("More time to vote: case %(case)s"),
        body=(
            _(
                "Too few jurors had voted on case %(case)s at the first close, so the time was extended once, until "
                "%(closes_at)s."
            ),
            _("If you have voted, your ballot stands, and you can still change it. If you have not, you still can."),
        ),
        why=_WHY_JUROR,
        act=_VOTE,
        address=_SEAT,
        params=_SEAT_PARAMS | {"closes_at": Param.MOMENT},
        due="closes_at",
        asks="vote",
        is_moot_when_due=True,
    ),
    "jury.recused": MessageKind(
        audience=Audience.JUROR,
        subject=_("You have stepped down: case %(case)s"),
        body=(
            _(
                "You have stepped down from the jury on case %(case)s. It does not count against you. A ballot that "
                "you "
                "had cast stays sealed and is not counted."
            ),
            _("There is nothing more to do. You may be drawn for other cases."),
        ),
        why=_WHY_JUROR,
        act=_SEAT_PAGE,
        address=_SEAT,
        params=_SEAT_PARAMS,
    ),
    "jury.replaced": MessageKind(
        audience=Audience.JUROR,
        subject=_("You no longer sit on this jury: case %(case)s"),
        body=(
            _(
                "Your seat on the jury of case %(case)s was freed, because a connection to the case was found, because "
                "you are no longer in the pool of jurors, or because our messages to you came back."
            ),
            _("It does not count against you. A ballot that you had cast stays sealed and is not counted."),
        ),
        why=_WHY_JUROR,
        act=_SEAT_PAGE,
        address=_SEAT,
        params=_SEAT_PARAMS,
    ),
    "jury.not_needed": MessageKind(
        audience=Audience.JUROR,
        subject=_("The vote was cancelled: case %(case)s"),
        body=(
            _(
                "The claim was withdrawn, so the vote on case %(case)s was cancelled. All ballots stay sealed "
                "permanently."
            ),
            _NOTHING_TO_DO,
        ),
        why=_WHY_JUROR,
        act=_SEAT_PAGE,
        address=_SEAT,
        params=_SEAT_PARAMS,
    ),
    "jury.result": MessageKind(
        audience=Audience.JUROR,
        subject=_("The result of the vote: case %(case)s"),
        body=(
            _(
                "The vote on case %(case)s has closed, and the ballots are counted. The page of your seat shows the "
                "result."
            ),
            _("Ballots that came from your seat, of which the last one counts: %(ballots)s."),
            _(
                "Is that not what you did? Then dispute it on the page of your seat. If the disputed seats could turn "
                "the verdict and nothing is decided yet, a new jury is drawn. With your receipt you find your ballot "
                "in the public list."
            ),
        ),
        why=_WHY_JUROR,
        act=_("See the result"),
        address=_SEAT,
        params=_SEAT_PARAMS | {"ballots": Param.NUMBER},
    ),
    "jury.opinion_asked": MessageKind(
        audience=Audience.PROFESSIONAL,
        subject=_("You are asked for a second opinion: case %(case)s"),
        body=(
            _(
                "You are asked for a second opinion on case %(case)s. Read the file and answer the medical questions "
                "by "
                "%(due_at)s."
            ),
            _(
                "You give your opinion once; it cannot be changed. If you do not answer in time, the claim continues "
                "without your answer."
            ),
        ),
        why=_WHY_PROFESSIONAL,
        act=_("Read the file and answer"),
        address=_OPINION,
        params=_OPINION_PARAMS | {"due_at": Param.MOMENT},
        due="due_at",
        asks="opinion",
        is_moot_when_due=True,
    ),
    "jury.opinion_quarter_left": MessageKind(
        audience=Audience.PROFESSIONAL,
        subject=_("A quarter of your time for the second opinion is left: case %(case)s"),
        body=(
            _("You have not answered the questions on case %(case)s yet. Your time ends at %(due_at)s."),
            _("If you do not answer in time, the claim continues without your answer."),
        ),
        why=_WHY_PROFESSIONAL,
        act=_("Read the file and answer"),
        address=_OPINION,
        params=_OPINION_PARAMS | {"due_at": Param.MOMENT},
        due="due_at",
        asks="opinion",
        is_moot_when_due=True,
        reminds="a quarter of the professional's time is left, and they have not answered",
    ),
    "jury.opinion_not_needed": MessageKind(
        audience=Audience.PROFESSIONAL,
        subject=_("Your second opinion is no longer needed: case %(case)s"),
        body=(
            _("The claim was withdrawn, so the request for second opinions on case %(case)s has ended."),
            _NOTHING_TO_DO,
        ),
        why=_WHY_PROFESSIONAL,
        act=_("Open the page of the request"),
        address=_OPINION,
        params=_OPINION_PARAMS,
    ),
    "jury.opinions_closed": MessageKind(
        audience=Audience.PROFESSIONAL,
        subject=_("The second opinions are closed: case %(case)s"),
        body=(
            _(
                "The request for second opinions on case %(case)s has ended: everyone has answered, or the time is "
                "over. "
                "The file can no longer be opened."
            ),
            _NOTHING_TO_DO,
        ),
        why=_WHY_PROFESSIONAL,
        act=_("Open the page of the request"),
        address=_OPINION,
        params=_OPINION_PARAMS,
        is_owed=False,
    ),
    "jury.seat_disputed": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("A juror disputes their seat: case %(case)s"),
        body=(
            _("In the vote on case %(case)s a juror says that the ballots from their seat are not what they did."),
            _(
                "If the disputed seats could turn the verdict and no decision was issued, a new jury is drawn by "
                "itself. If the decision was issued already, it stands until you correct it. Find out who could use "
                "the juror's log-in, and whether the service was broken into."
            ),
        ),
        why=_("You get this because you are a reviewer."),
        act=_("Open the record of the vote"),
        address=Address("vote_record", ("case", "round")),
        params={"case": Param.REF, "round": Param.NUMBER},
    ),
    "jury.close_waits": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("A vote waits for the log: case %(case)s"),
        body=(
            _(
                "The vote on case %(case)s should be counted, but no signed checkpoint of the log covers its ballots "
                "yet. It is counted without one at %(counted_at)s at the latest, and the record says so."
            ),
            _("Ask the operator why the log is not signed: the page of operations shows it."),
        ),
        why=_("You get this because you are a reviewer."),
        act=_("Open the page of operations"),
        address=Address("operations"),
        params={"case": Param.REF, "counted_at": Param.MOMENT},
        reminds="the close of a vote has waited five minutes for a checkpoint of the log",
    ),
    "jury.pool_too_small": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("No jury could be seated: case %(case)s"),
        body=(
            _(
                "In case %(case)s too few jurors could be seated to reach the quorum. Nobody was summoned, and the "
                "panel "
                "closed without a verdict."
            ),
            _(
                "The claim continues as the plan's table says for a panel without a verdict. The record of the draw "
                "shows "
                "why numbers were skipped."
            ),
        ),
        why=_("You get this because you are a reviewer."),
        act=_("Open the record of the draw"),
        address=Address("draw_record", ("case", "round")),
        params={"case": Param.REF, "round": Param.NUMBER},
    ),
}

_OWN_ACT = "Their own act, which the page confirms at once"

TOLD: dict[str, tuple[Tells, ...] | Silent] = {
    "ballot.cast": Silent(f"{_OWN_ACT}; that somebody has voted is nobody else's knowledge."),
    "casefile.opened": Silent(f"{_OWN_ACT}."),
    "draw.chain_anchored": Silent("Published for everyone in the log; it concerns no case yet."),
    "draw.committed": Silent("The hearing that it belongs to tells the applicant."),
    "draw.continued": Silent("Each juror who is seated by it is summoned."),
    "draw.made": Silent("Each juror who is seated by it is summoned; a panel that cannot sit is told as it closes."),
    "draw.nonce_given": Silent(f"{_OWN_ACT}."),
    "juror.lapsed": Silent(f"{_OWN_ACT}; the seats that it frees tell the juror."),
    "juror.qualified": Silent(f"{_OWN_ACT}, with the number."),
    "juror.recused": (
        Tells("jury.recused", when="the juror stepped down", where={"is_own_act": True}),
        Tells("jury.replaced", when="the service freed the seat", where={"is_own_act": False}),
    ),
    "juror.summoned": (Tells("jury.summoned"),),
    "opinion.abandoned": (Tells("jury.opinion_not_needed"),),
    "opinion.asked": (Tells("jury.opinion_asked", when="to those who are free; nobody may be"),),
    "opinion.closed": (Tells("jury.opinions_closed", when="to those asked who did not step down"),),
    "opinion.file_opened": Silent(f"{_OWN_ACT}."),
    "opinion.given": Silent(f"{_OWN_ACT}; nobody else learns of it before the request closes."),
    "opinion.recused": (Tells("jury.opinion_asked", when="another professional is asked instead"),),
    "panel.abandoned": (Tells("jury.not_needed", when="jurors sit on the panel"),),
    "panel.closed": (
        Tells("jury.result", when="jurors sit on the panel"),
        Tells("jury.pool_too_small", when="the pool could not reach the quorum", where={"pool_exhausted": True}),
    ),
    "panel.addendum": (Tells("jury.addendum", when="jurors sit on the panel"),),
    "panel.extended": (Tells("jury.extended", when="jurors sit on the panel"),),
    "seat.disputed": (Tells("jury.seat_disputed"),),
}
"""Every kind of entry of the room."""
