"""Sentences made of values, in the report's language: holes, findings, what tells of an insider.

`_` only marks a message for translation; `Words.say` translates it. What has no message of its own (a workspace's own
rule, a sentence that speaks of a file) is shown as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from haechi.model.values import AttributionFact, Hole, PossibleCount
from haechi.report.document.model import CaseReport, DrillCase, Found
from haechi.report.document.words import Words


def _(message: str) -> str:
    return message


TIERS: Final = {
    "provenance": _("provenance"),
    "purpose": _("purpose"),
    "behaviour": _("behaviour"),
}
SEVERITIES: Final = {
    "critical": _("critical"),
    "high": _("high"),
    "medium": _("medium"),
    "low": _("low"),
}
KINDS: Final = {
    "credential": _("credential"),
    "key": _("signing key"),
    "client_ip": _("address"),
    "client_ip_shared": _("address shared with others"),
    "client": _("client program"),
    "actor": _("account"),
    "person": _("person at work"),
    "subject": _("data subject"),
    "issuer": _("issuer"),
    "ghosts": _("member who never existed"),
}
ACTOR_KINDS: Final = {
    "member": _("member"),
    "staff": _("staff"),
    "service": _("service"),
    "anonymous": _("anonymous"),
    "": _("not told"),
}
TABLES: Final = {
    "access": _("access records"),
    "issuance": _("issuance records"),
    "subject": _("register of data subjects"),
    "person": _("list of people at work"),
    "reason": _("stated reasons"),
    "fact": _("facts about accounts and rights"),
}
FIELDS: Final = {
    "name": _("name"),
    "email": _("mail address"),
    "phone": _("telephone number"),
    "address": _("postal address"),
    "entrance_code": _("entrance code"),
    "order": _("orders"),
    "birth_date": _("date of birth"),
    "gender": _("gender"),
    "national_id": _("national identity number"),
    "account_number": _("bank account number"),
    "card_number": _("card number"),
    "password_hash": _("password hash"),
    "health": _("health"),
    "location": _("location"),
    "photo": _("photo"),
    "message": _("messages"),
}
STATES: Final = {
    "asked": _("asked, no answer yet"),
    "reminded": _("reminded, no answer yet"),
    "escalated": _("overdue, the manager was told"),
    "reopened": _("asked again"),
    "answered": _("answered, not decided yet"),
    "accepted": _("accepted"),
    "rejected": _("rejected"),
}
UNDELIVERED: Final = {  # of a question that nobody has answered
    "waiting": _("not delivered yet"),
    "refused": _("not delivered: the mail server refused it"),
}
CHANGES: Final = {"begun": _("given"), "ended": _("taken away")}
RIGHTS: Final = {"grant": _("right"), "account": _("account")}
REASONS: Final = {
    "order": _("order"),
    "ticket": _("ticket"),
    "shift": _("shift"),
    "approval": _("approval"),
    "purpose": _("declared purpose"),
    "relation": _("relation"),
}
# What the drills that Haechi brings along play: their titles.
DRILLS: Final = (
    _("Tokens forged with a leaver's signing key"),
    _("A retired signing key that is still accepted"),
    _("Customer reports downloaded by a former employee"),
    _("Bribed support agents who look customers up by hand"),
    _("A contractor who copies all customers outside the task"),
    _("A web firewall's role that lists and copies every bucket"),
    _("A phished database administrator's session that dumps all members"),
    _("Malware on a subscriber server that sends all keys out"),
    _("Rogue small cells with everybody's certificate"),
    _("Staff who look up a celebrity, colleagues and acquaintances"),
    _("Leaked passwords tried on many accounts"),
    _("A price crawler on public pages (must stay silent)"),
    _("A declared batch job that reads every member (must stay silent)"),
    _("A recall: ten times as many calls, each with a ticket (must stay silent)"),
    _("Thirty ordinary days: crawler, month's end and recall at once (must stay silent)"),
)
LEANINGS: Final = {
    "insider": _("The evidence leans towards an insider, or somebody who was one."),
    "outsider": _("The evidence leans towards an outsider."),
    "unknown": _("Whether an insider or an outsider: not known."),
}
HOLES: Final = {
    "silent": _("no records were written"),
    "sequence_gap": _("numbers are missing in the machine's own count"),
    "missing": _("batches that the log names are not in the store"),
    "expired": _("the retention ended"),
    "erased": _("removed with the key of a person"),
    "unreadable": _("a file could not be read to its end"),
    "set_aside": _("lines could not be read"),
    "clock": _("the clock was wrong"),
    "ended": _("the records end"),
    "unnumbered": _("the records are not numbered"),
}
FACTS: Final[Mapping[tuple[str, str], str]] = {
    ("staff_account", "insider"): _(
        "%(requests)s of %(of)s requests came from staff accounts (%(accounts)s)."
    ),
    ("leaver_account", "insider"): _(
        "%(accounts)s of these accounts belonged to persons who had left before the first request."
    ),
    ("key_readers", "insider"): _(
        "The key with which the credentials were made could be read by %(readers)s persons; %(left)s of them had left "
        "before the first request."
    ),
    ("retired_key", "insider"): _(
        "The key was retired before the first request: whoever used it had kept it."
    ),
    ("usual_address", "insider"): _(
        "The same accounts made %(requests)s of their %(of)s other requests from the same addresses (%(addresses)s)."
    ),
    ("usual_address", "outsider"): _(
        "The accounts made none of their %(of)s other requests from these addresses (%(addresses)s)."
    ),
    ("known_address", "insider"): _(
        "%(addresses)s of %(of)s addresses also served other requests of staff accounts (%(accounts)s)."
    ),
    ("known_address", "outsider"): _(
        "No staff account made any of the %(requests)s other requests from these addresses (%(addresses)s)."
    ),
    ("many_addresses", "outsider"): _("It came from %(addresses)s addresses; people at work have few."),
    ("shift", "insider"): _("%(requests)s of %(of)s requests fell into the shifts of those accounts."),
    ("shift", "outsider"): _("Only %(requests)s of %(of)s requests fell into the shifts of those accounts."),
    ("failed_logins", "outsider"): _(
        "%(requests)s log-ins failed from %(addresses)s of the addresses: passwords were tried."
    ),
    ("member_accounts", "outsider"): _(
        "%(accounts)s accounts of members were used for their own data, in %(requests)s of %(of)s requests."
    ),
    ("rented_networks", "outsider"): _(
        "%(rented)s of %(addresses)s addresses lie in networks where machines are rented or hide who is behind them."
    ),
    ("member_ids", "outsider"): _(
        "Of %(persons)s members asked for, %(never_existed)s never existed: the numbers were counted or guessed."
    ),
    ("member_ids", "insider"): _(
        "All of the %(persons)s members asked for exist: whoever asked knew their numbers."
    ),
}


class Sayings:
    """What a report says of its values."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def one_of(self, table: Mapping[str, str], value: str) -> str:
        """The word for a value of a vocabulary; a value that it does not know stays as it is."""
        return self.words.say(table[value]) if value in table else value

    def title(self, rule: str, titles: Mapping[str, str]) -> str:
        """The title of a rule."""
        return self.words.say(titles[rule]) if titles.get(rule) else rule

    def played(self, case: DrillCase, titles: Mapping[str, str]) -> str:
        """What a drill's case is of: the titles of its rules. Empty where they are not told."""
        return "; ".join(self.title(rule, titles) for rule in case.rules)

    def hole(self, hole: Hole) -> str:
        """What is missing of a source, from when to when."""
        words = self.words
        text = self.one_of(HOLES, hole.kind)
        if hole.missing is None:
            return words.say("%(what)s; how many are missing is not known", what=text)
        if hole.kind == "set_aside":
            return words.say("%(what)s: %(n)s", what=text, n=words.number(hole.missing))
        return words.say("%(what)s; missing: %(n)s", what=text, n=words.number(hole.missing))

    def found(self, found: Found, titles: Mapping[str, str]) -> str:
        """A finding in one line, without the entity. Names asked for: some may be of nobody who ever existed."""
        words = self.words
        return words.say(
            "%(title)s: %(requests)s, %(names)s",
            title=self.title(found.rule, titles),
            requests=words.count("%(n)s request", "%(n)s requests", found.requests),
            names=words.count("%(n)s name asked for", "%(n)s names asked for", found.persons),
        )

    def case(self, case: CaseReport) -> str:
        """A case in one sentence: since when, how much, whose."""
        words = self.words
        addresses = case.entity_counts.get("client_ip", 0) + case.entity_counts.get("client_ip_shared", 0)
        return words.say(
            "From %(first)s to %(last)s: %(requests)s from %(addresses)s; personal data of %(persons)s was shown.",
            first=words.time(case.first_seen),
            last=words.time(case.last_seen),
            requests=words.count("%(n)s request", "%(n)s requests", case.scope.requests),
            addresses=words.count("%(n)s address", "%(n)s addresses", addresses),
            persons=words.count("%(n)s person", "%(n)s persons", case.scope.persons),
        )

    def fact(self, fact: AttributionFact) -> str:
        """One thing that tells of who is behind a case."""
        message = FACTS.get((fact.kind, fact.speaks_for))
        if message is None:
            return fact.sentence
        numbers = _Numbers(self.words.number, fact.numbers)
        return self.words.messages.gettext(message) % numbers

    def possible(self, more: PossibleCount) -> str:
        """How many more there may be: never added to what is confirmed."""
        words = self.words
        if more.at_most is None:
            return words.say("no bound: nothing counts what is missing")
        if more.at_most == 0:
            return words.say("none: no hole lies in its time")
        return words.say("up to %(n)s more", n=words.number(more.at_most))


class _Numbers(dict[str, str]):
    def __init__(self, write: Callable[[int | None], str], numbers: Mapping[str, int]) -> None:
        super().__init__({name: write(number) for name, number in numbers.items()})

    def __missing__(self, name: str) -> str:
        return "–"
