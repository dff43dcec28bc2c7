"""Confirming letters, and ending them, by the links in letters.

Switching a kind of letters on is a choice like any other; but an address is written to only once
its reader has said in a second place, the mailbox, that they want it.
"""

from dataclasses import dataclass

from server.accounts.letters import deliver
from server.accounts.queries import goes_on
from server.accounts.tables import Account
from server.accounts.visit import Visit
from server.foundation.database import Db
from server.foundation.purposes import Purpose, granted_by
from server.foundation.requests import Foundation
from server.privacy import consent_queries
from server.privacy.choosing import Wish, choose
from server.privacy.consent_rules import State
from server.privacy.gate import PolicyGate
from server.privacy.news import links
from server.privacy.news.errors import UnknownLetterLink
from server.privacy.news.letters import asking_letter
from server.privacy.news.links import Act
from server.privacy.news.queries import confirmed_at, wanted_at, wanted_by
from server.privacy.news.tables import LettersWanted
from server.privacy.purposes import DeclaredPurpose
from server.privacy.receipts import Receipts
from server.privacy.tables import Consent

LETTERS = frozenset({Purpose.NEWS, Purpose.INVITATIONS})


@dataclass(frozen=True, slots=True)
class Clicked:
    """A link that was opened: the kind of letters, and the token."""

    purpose: DeclaredPurpose
    token: str


async def ask_to_confirm(
    db: Db, consent: Consent, purpose: DeclaredPurpose, parts: Foundation
) -> None:
    """After letters were switched on: mail the link that confirms them. Confirmed ones stay so.

    The letter leaves with the commit; MailNotSent is raised then if our mail server doesn't take
    it, and switching on again asks again. Who has no e-mail address gets no letters.
    """
    if purpose.code not in LETTERS or consent.state != State.GIVEN:
        return
    account_id = consent.account_id
    granted = await granted_by(db, account_id)
    wanted = await wanted_by(db, account_id)
    if wanted is None:
        wanted = LettersWanted(account_id=account_id, link_id=links.new_link_id())
        db.add(wanted)
    account = await db.get_one(Account, account_id)
    if confirmed_at(wanted, purpose.code, granted) or not (
        granted.may_use(Account.email, purpose.code) and account.email
    ):
        return
    token = links.token_of(db, Act.CONFIRM, purpose.code, wanted.link_id, consent.id)
    letter = asking_letter(account.email, purpose, token, parts.settings)
    db.after_commit(lambda: deliver(parts.mail, letter))


async def confirm(db: Db, clicked: Clicked, visit: Visit) -> None:
    """The mailbox's reader wants them.

    Raises UnknownLetterLink, also once they were withdrawn or the account was cancelled.
    """
    wanted = await _wanted(db, clicked)
    if not await goes_on(db, wanted.account_id):
        raise UnknownLetterLink
    code = clicked.purpose.code
    consent = await consent_queries.newest_about(db, wanted.account_id, code)
    expected = consent and links.token_of(db, Act.CONFIRM, code, wanted.link_id, consent.id)
    granted = await granted_by(db, wanted.account_id)
    if not expected or not links.is_ours(clicked.token, expected) or code not in granted:
        raise UnknownLetterLink
    if confirmed_at(wanted, code, granted) is None:
        if code == Purpose.NEWS:
            wanted.news_confirmed_at = visit.now
        else:
            wanted.invitations_confirmed_at = visit.now


async def end(
    db: Db,
    clicked: Clicked,
    visit: Visit,
    policy: PolicyGate,
    receipts: Receipts,
    parts: Foundation,
) -> None:
    """Withdraw, with a receipt as for any withdrawal. Again changes nothing.

    Raises UnknownLetterLink.
    """
    account_id = await known_end(db, clicked)
    edition = await policy.in_force_for(db, account_id)
    wish = Wish(clicked.purpose, State.WITHDRAWN, None, edition.version)
    await choose(db, account_id, wish, visit, receipts, parts.settings)


async def known_end(db: Db, clicked: Clicked) -> str:
    """Whose letters the link ends. Raises UnknownLetterLink."""
    wanted = await _wanted(db, clicked)
    expected = links.token_of(db, Act.END, clicked.purpose.code, wanted.link_id)
    if not links.is_ours(clicked.token, expected):
        raise UnknownLetterLink
    return wanted.account_id


async def _wanted(db: Db, clicked: Clicked) -> LettersWanted:
    wanted = await wanted_at(db, links.link_id_of(clicked.token))
    if wanted is None or clicked.purpose.code not in LETTERS:
        raise UnknownLetterLink
    return wanted
