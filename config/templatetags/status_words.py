"""The word and the shape of every status, outcome and verdict that a page shows."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# value: (word, kind); the kind is the tag's shape and colour in site.css: todo, active, waiting, good, bad, closed.
STATUS_WORDS: dict[str, tuple[str | Promise, str]] = {
    # claims
    "draft": (_("Draft"), "todo"),
    "submitted": (_("Submitted"), "active"),
    "under_investigation": (_("Being investigated"), "active"),
    "investigated": (_("Investigated"), "active"),
    "jury_review": (_("Before the jury"), "active"),
    "second_opinion": (_("With the doctors"), "active"),
    "approved": (_("Approved"), "good"),
    "rejected": (_("Rejected"), "bad"),
    "paid": (_("Paid"), "good"),
    "withdrawn": (_("Withdrawn"), "closed"),
    "on_hold": (_("On hold"), "waiting"),
    # investigations, duties and pieces of work
    "todo": (_("To do"), "todo"),
    "waiting": (_("Waiting"), "waiting"),
    "open": (_("Open"), "active"),
    "started": (_("Started"), "active"),
    "done": (_("Done"), "good"),
    "signed": (_("Signed"), "good"),
    "abandoned": (_("Abandoned"), "closed"),
    "overdue": (_("Overdue"), "bad"),
    "confirms": (_("Confirms the claim"), "good"),
    "contradicts": (_("Contradicts the claim"), "bad"),
    "nothing_found": (_("Nothing found"), "good"),
    "not_possible": (_("Could not be done"), "waiting"),
    # clauses of the rules
    "passed": (_("Met"), "good"),
    "failed": (_("Not met"), "bad"),
    "unknown": (_("Not known yet"), "waiting"),
    "met": (_("Met"), "good"),
    "not_met": (_("Not met"), "bad"),
    "needs_finding": (_("For the investigation to find"), "waiting"),
    "eligible": (_("All clauses met"), "good"),
    "not_eligible": (_("A clause is not met"), "bad"),
    "undetermined": (_("Not known yet"), "waiting"),
    "mild": (_("Mild"), "active"),
    "severe": (_("Severe"), "active"),
    # panels, seats, verdicts and opinions
    "committed": (_("Draw committed"), "waiting"),
    "closed": (_("Closed"), "closed"),
    "summoned": (_("Summoned"), "todo"),
    "cast": (_("Ballot cast"), "good"),
    "recused": (_("Stepped aside"), "closed"),
    "support": (_("For the claim"), "good"),
    "against": (_("Against the claim"), "bad"),
    "hung": (_("No majority"), "waiting"),
    "confirmed": (_("Confirmed"), "good"),
    "not_confirmed": (_("Not confirmed"), "bad"),
    "inconclusive": (_("Cannot be said"), "waiting"),
    "fresh_panel": (_("A fresh panel"), "waiting"),
    "reinvestigate": (_("Back to investigation, once"), "waiting"),
    # drafts of plan versions
    "drafting": (_("Being written"), "todo"),
    "proposed": (_("Proposed"), "waiting"),
    "published": (_("Published"), "good"),
    # periods, collections and payouts
    "noticed": (_("Announced"), "waiting"),
    "charged": (_("Charged"), "good"),
    "settled": (_("Settled"), "good"),
    "pending": (_("Waiting"), "waiting"),
    "sent": (_("Sent"), "active"),
    # shares of members
    "announced": (_("Announced"), "waiting"),
    "nothing_to_pay": (_("Nothing to pay"), "closed"),
    "collecting": (_("Being collected"), "waiting"),
    "owed": (_("Owed"), "bad"),
    "collected": (_("Collected"), "good"),
    "paid_later": (_("Paid later"), "good"),
    "netted": (_("Taken off the aid"), "closed"),
    "written_off": (_("Borne by the sponsor"), "closed"),
    "opened": (_("Started"), "waiting"),
    # memberships
    "active": (_("Active"), "good"),
    "in_wait": (_("In the waiting period"), "waiting"),
    "in_arrears": (_("In arrears"), "bad"),
    "left": (_("Left"), "closed"),
    "ended": (_("Ended"), "closed"),
}

# The six steps of a claim, as the public page tells them: (statuses, name, one sentence).
JOURNEY: list[tuple[frozenset[str], str | Promise, str | Promise]] = [
    (
        frozenset({"draft", "submitted"}),
        _("A member files a claim"),
        _("Who is ill, since when, and the papers. The published rules are checked at once, clause by clause."),
    ),
    (
        frozenset({"under_investigation", "investigated"}),
        _("An investigator looks into it"),
        _("They talk to the member, visit the hospitals, check insurers, and sign a report."),
    ),
    (
        frozenset({"jury_review"}),
        _("A jury of members judges"),
        _("Drawn by a lot that anyone can check. All see the same file, without names; each votes in secret."),
    ),
    (
        frozenset({"second_opinion"}),
        _("Doctors answer what is medical"),
        _("Only where the rules call for it: a narrow vote, a medical doubt, or a verdict against the report."),
    ),
    (
        frozenset({"approved", "rejected"}),
        _("The decision is given"),
        _("With its reasons. The amount follows from the rules that were in force at the first diagnosis."),
    ),
    (
        frozenset({"paid"}),
        _("It is published, shared and paid"),
        _("Everybody can read it first. Then the cost is shared, to the last cent, and the aid is paid."),
    ),
]
