"""What the certificate of an erasure says. It names nobody but by the account's random id."""

from datetime import datetime
from typing import Any, Final

import msgspec

from server.foundation.settings import Settings
from server.privacy.erasure.counting import Counted, Destroyed, Kept
from server.privacy.erasure.tables import Erasure

KIND: Final = "erasure-certificate"
SCHEMA: Final = "secuhome erasure 1"


def members_of(
    erasure: Erasure, ended_at: datetime | None, counted: Counted, settings: Settings
) -> dict[str, Any]:
    """The members of the certificate of an erasure that is done. What a law keeps is locked."""
    told: dict[str, Any] = msgspec.to_builtins(
        {
            "schema_version": SCHEMA,
            "issuer": settings.public_url,
            "account_id": erasure.account_id,
            "asked_at": erasure.asked_at,
            "due_on": erasure.due_on,
            "ended_at": ended_at,
            "finished_at": erasure.finished_at,
            "held_until": erasure.held_until,
            "key_destroyed": True,
            "destroyed": sorted(counted.destroyed, key=_order),
            "kept": sorted(counted.kept, key=_order),
        }
    )
    return told


def _order(it: Destroyed | Kept) -> tuple[str, str]:
    return it.category, it.table
