"""What each family of alerts means and what to do, in every language of the console.

The English texts stand here and are the keys of the translations; an alert keeps none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.console.languages import words
from gateway.validity import URGENT
from storage.alerts import Alert

_ISOLATE, _END = "\u2068", "\u2069"


def N_(text: str) -> str:
    """Mark a text to be translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A family's texts, its anchor in the operator's guide, and the page where one acts.

    `heading` is for the family as a whole. `at_worst` is the title at the highest level, where
    that is another matter. `page` may have the subject in it.
    """

    heading: str
    title: str
    meaning: str
    repair: str
    guide: str
    page: str
    at_worst: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An alert in one language."""

    title: str
    meaning: str
    repair: str


TEXTS: Mapping[str, Text] = {
    "partner-unreachable": Text(
        heading=N_("Partners that cannot be reached"),
        title=N_("Pushes to %(subject)s fail"),
        meaning=N_(
            "The partner's push address does not answer as it should. What is for this partner "
            "waits in order; nothing is lost, and nobody else is held up."
        ),
        repair=N_(
            "Ping the address on the partner's page and call the partner. If it stays away, move "
            "on: everything goes into its mailbox until it comes back."
        ),
        guide="partner-down",
        page="/console/partners/%(subject)s",
    ),
    "deliveries-parked": Text(
        heading=N_("Parked deliveries"),
        title=N_("Deliveries to %(subject)s are parked"),
        meaning=N_(
            "They were tried until the patience ended, or the partner said that it does not want "
            "them. They are not tried again by themselves."
        ),
        repair=N_(
            "Read the last error, agree with the partner on what is wrong, and retry them; or "
            "move on and let the partner fetch them from its mailbox."
        ),
        guide="partner-down",
        page="/console/partners/%(subject)s",
    ),
    "messages-parked": Text(
        heading=N_("Parked messages"),
        title=N_("Messages are parked: %(subject)s"),
        meaning=N_(
            "Handling them failed again and again for the same reason. Their dossiers wait; every "
            "other dossier goes on."
        ),
        repair=N_(
            "Open one of them and look at its dry run. Repair the cause, retry one, and when it "
            "went well retry the others."
        ),
        guide="poison-message",
        page="/console/queue?state=parked&kind=work",
    ),
    "timers-parked": Text(
        heading=N_("Parked timers"),
        title=N_("Timers are parked: %(subject)s"),
        meaning=N_(
            "What should happen by itself on its day did not, for the same reason again and again."
        ),
        repair=N_("Open one of them, repair the cause, and retry it."),
        guide="poison-message",
        page="/console/queue?state=parked&kind=timer",
    ),
    "papers-parked": Text(
        heading=N_("Papers that are not printed"),
        title=N_("Papers cannot be printed: %(subject)s"),
        meaning=N_(
            "The dossiers stand as they should; their papers, and the notices that name them, are "
            "missing."
        ),
        repair=N_(
            "Look at the error of one of them: often a font is missing or the time is too short "
            "(settings: papers.timeout). Repair the cause and retry."
        ),
        guide="poison-message",
        page="/console/queue?state=parked&kind=render",
    ),
    "notices-parked": Text(
        heading=N_("Notices of alerts"),
        title=N_("Notices of alerts do not arrive: %(subject)s"),
        meaning=N_(
            "The address that should hear of alerts (settings: alerts.webhook_url) did not take "
            "them until the patience ended."
        ),
        repair=N_(
            "Look at what answers at that address and at the secret they are signed with, then "
            "retry the notices."
        ),
        guide="e-mails-and-notices",
        page="/console/queue?state=parked&kind=notify",
    ),
    "mails-doubtful": Text(
        heading=N_("Doubtful e-mails"),
        title=N_("E-mails may have gone, or not"),
        meaning=N_(
            "The connection to %(subject)s ended after the content was on its way. They are not "
            "sent again by themselves, for nobody should get one twice; the same notice went as a "
            "signed message."
        ),
        repair=N_("Look into the mail server's log. Retry those that it has not taken."),
        guide="e-mails-and-notices",
        page="/console/queue?state=parked&kind=mail",
    ),
    "mails-failed": Text(
        heading=N_("E-mails that were not sent"),
        title=N_("E-mails could not be sent"),
        meaning=N_(
            "The server %(subject)s refused them, or could not be reached until the patience "
            "ended. The same notices went as signed messages."
        ),
        repair=N_(
            "Try the settings with the command “passavant mail test”. Correct the address or the "
            "server, and retry them."
        ),
        guide="e-mails-and-notices",
        page="/console/queue?state=parked&kind=mail",
    ),
    "queue-slow": Text(
        heading=N_("Slow queue"),
        title=N_("The queue is slow"),
        meaning=N_(
            "Messages have been due for a while and no worker has taken them up. Receipts are "
            "still given; outcomes are late."
        ),
        repair=N_(
            "See on the first page whether the workers are alive. Start them again, or start more "
            "of them: passavant worker."
        ),
        guide="queue-slow",
        page="/console/queue?kind=work",
    ),
    "certificate": Text(
        heading=N_("Certificates of partners"),
        title=N_("The certificate of %(subject)s ends in %(days)s days"),
        at_worst=N_("No certificate of %(subject)s is in force"),
        meaning=N_(
            "After the end, every message of this partner is refused. No newer certificate of it "
            "goes beyond that day."
        ),
        repair=N_(
            "Ask the partner for its next certificate, compare the fingerprint by telephone, and "
            "add it on the partner's page: both are accepted until the old one ends."
        ),
        guide="certificate-expired",
        page="/console/partners/%(subject)s",
    ),
    "hub-certificate": Text(
        heading=N_("Certificate of this hub"),
        title=N_("The certificate of this hub ends in %(days)s days"),
        at_worst=N_("The certificate of this hub has ended"),
        meaning=N_("After the end, partners that look at the dates refuse what the hub signs."),
        repair=N_(
            "Make a new certificate, give it to every partner well before the day, and change the "
            "settings hub.certificate and hub.key."
        ),
        guide="certificate-expired",
        page="/console/partners",
    ),
    "disk": Text(
        heading=N_("Disk space"),
        title=N_("Little space is left on the disk: %(percent)s per cent"),
        meaning=N_(
            "On a full disk the hub accepts nothing more: senders are told to try again later, "
            "and nothing that was accepted is lost."
        ),
        repair=N_(
            "Free space in %(subject)s, or make the disk larger. Never delete the database's own "
            "files."
        ),
        guide="disk-full",
        page="/console/",
    ),
    "process-silent": Text(
        heading=N_("Silent processes"),
        title=N_("The process %(subject)s is silent"),
        meaning=N_(
            "It has not said for a while that it lives. The jobs it held go to other workers when "
            "their leases end."
        ),
        repair=N_(
            "Look at the machine and its service; start the process again. If it was stopped on "
            "purpose, resolve this alert."
        ),
        guide="process-silent",
        page="/console/",
    ),
    "same-id": Text(
        heading=N_("One identifier for two messages"),
        title=N_("%(subject)s gives one identifier to different messages"),
        meaning=N_(
            "A message with a known identifier and other content is refused, so that nothing that "
            "was accepted can be replaced."
        ),
        repair=N_(
            "Tell the partner's developers: a new message needs a new identifier; a repeat must "
            "be the same bytes."
        ),
        guide="duplicate-storm",
        page="/console/partners/%(subject)s",
    ),
    "storm-refused": Text(
        heading=N_("Storms of refused messages"),
        title=N_("Very many messages of %(subject)s are refused"),
        meaning=N_(
            "The partner's system keeps sending what is refused at the door. It costs the hub "
            "time and brings nobody forward."
        ),
        repair=N_(
            "See the codes on the partner's page and call its developers. Suspend the partner if "
            "it does not stop."
        ),
        guide="duplicate-storm",
        page="/console/partners/%(subject)s",
    ),
    "storm-repeated": Text(
        heading=N_("Storms of repeated messages"),
        title=N_("%(subject)s repeats its messages very often"),
        meaning=N_(
            "Repeats change nothing: each gets the receipt of the first. So many of them mean "
            "that the partner does not read its receipts."
        ),
        repair=N_(
            "Call the partner's developers: a message is repeated only until its receipt is "
            "there. Suspend the partner if it does not stop."
        ),
        guide="duplicate-storm",
        page="/console/partners/%(subject)s",
    ),
    "journal-fault": Text(
        heading=N_("Faults in the journal"),
        title=N_("The journal does not verify"),
        meaning=N_(
            "An entry or a seal is not what the hub's key sealed: somebody, or a broken disk, "
            "changed the record."
        ),
        repair=N_(
            "Stop changing anything, keep a copy of the database, compare it with the last "
            "export, and find out who had access."
        ),
        guide="journal-does-not-verify",
        page="/console/journal",
    ),
    "proposal": Text(
        heading=N_("Acts that wait for somebody"),
        title=N_("An act waits for a second person: %(subject)s"),
        meaning=N_(
            "Somebody proposed a dangerous act. Nothing happens until somebody else agrees, and "
            "after its time it lapses."
        ),
        repair=N_("Read the reason and what would happen, then agree or reject."),
        guide="second-person",
        page="/console/acts",
    ),
}


def title_of(alert: Alert) -> str:
    """The English title, with places for the alert's `fields`."""
    text = TEXTS[alert.family]
    worst = text.at_worst if alert.level >= URGENT else None
    return worst or text.title


def fields(alert: Alert) -> dict[str, str]:
    """What titles and pages name of an alert."""
    named = {"percent": "", "days": "", **alert.facts}
    return {**named, "subject": alert.subject}


def said(alert: Alert, language: str) -> Said:
    """The alert in plain text; in Arabic what is foreign keeps its own direction."""
    text, tongue = TEXTS[alert.family], words(language)
    named = fields(alert)
    if language == "ar":
        named = {name: f"{_ISOLATE}{value}{_END}" for name, value in named.items()}
    title, meaning, repair = (
        str(tongue.one(one)) % named for one in (title_of(alert), text.meaning, text.repair)
    )
    return Said(title=title, meaning=meaning, repair=repair)
