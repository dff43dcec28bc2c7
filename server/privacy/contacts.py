"""The contacts that this deployment has published, compared with its settings before each start."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from server.foundation.database import Database, Db
from server.foundation.settings import PREFIX, BadSettings, Settings
from server.privacy.contact_rules import ContactsChanged, Published, to_publish
from server.privacy.declaration_rules import Contacts
from server.privacy.tables import PublishedContacts


def contacts_in(settings: Settings) -> Contacts:
    """Who answers for the data, as the settings say."""
    return Contacts(
        settings.controller_name,
        settings.contact_department,
        settings.contact_email,
        settings.contact_postal_address,
    )


async def published_contacts(db: Db) -> Sequence[Published]:
    """All that were ever published here, the oldest first."""
    rows = await db.exec(select(PublishedContacts).order_by(col(PublishedContacts.number)))
    return [
        Published(
            it.number,
            it.policy_version,
            it.since,
            Contacts(it.controller, it.department, it.mailbox, it.post),
            it.notice,
        )
        for it in rows
    ]


async def settle_contacts(
    database: Database, settings: Settings, policy_version: str, now: datetime
) -> Sequence[Published]:
    """Publish what the settings name, if it is new. Raises BadSettings for a change without notice.

    A demo publishes only what it names a notice for: its own addresses are nobody's. Of several
    processes that start at once, one publishes and the others find it done.
    """
    try:
        return await _settle(database, settings, policy_version, now)
    except IntegrityError:
        return await _settle(database, settings, policy_version, now)


async def _settle(
    database: Database, settings: Settings, policy_version: str, now: datetime
) -> Sequence[Published]:
    async with database.writing() as db:
        known = await published_contacts(db)
        if settings.mode == "demo" and not settings.contact_notice:
            return known
        wanted = contacts_in(settings)
        try:
            new = to_publish(known, wanted, settings.contact_notice, policy_version, now)
        except ContactsChanged as why:
            raise BadSettings(
                f"{PREFIX}CONTACT_NOTICE: {why}; tell people first, then name that notice here"
            ) from None
        if new is None:
            return known
        db.add(_row(new))
    return [*known, new]


def _row(new: Published) -> PublishedContacts:
    return PublishedContacts(
        number=new.number,
        policy_version=new.under,
        since=new.since,
        controller=new.contacts.controller,
        department=new.contacts.department,
        mailbox=new.contacts.email,
        post=new.contacts.postal_address,
        notice=new.notice,
    )
