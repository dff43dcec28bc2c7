"""Every table of every domain. A domain that is not imported here would never get its tables."""

from typing import Final

from sqlalchemy import MetaData
from sqlmodel import SQLModel

import devices.pairing.tables
import devices.registry.tables
import devices.warranty.tables
import server.accounts.tables
import server.backups.tables
import server.foundation.vault.subject_keys
import server.privacy.acts.tables
import server.privacy.cases.tables
import server.privacy.erasure.tables
import server.privacy.exceptions.tables
import server.privacy.news.tables
import server.privacy.reviews.tables
import server.privacy.tables
import server.privacy.winding_down.tables
import server.security.audit
import server.security.events
import server.security.place_sources
import server.support.tables

DOMAINS: Final = (
    server.foundation.vault.subject_keys,
    server.security.events,
    server.security.place_sources,
    server.security.audit,
    server.accounts.tables,
    devices.registry.tables,
    devices.pairing.tables,
    devices.warranty.tables,
    server.privacy.tables,
    server.privacy.erasure.tables,
    server.privacy.news.tables,
    server.support.tables,
    server.privacy.cases.tables,
    server.privacy.acts.tables,
    server.privacy.winding_down.tables,
    server.privacy.exceptions.tables,
    server.backups.tables,
    server.privacy.reviews.tables,
)
METADATA: Final[MetaData] = SQLModel.metadata
