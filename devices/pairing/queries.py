"""What pairing reads, and the one step that only one camera can take."""

import hashlib
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select

from devices.pairing.errors import UnknownPairing
from devices.pairing.tables import FirstUse, Pairing
from server.foundation.database import Db


def token_hash(token: str) -> str:
    """What is stored of a token. It has 128 random bits, so a plain SHA-256 hides it."""
    return hashlib.sha256(token.encode()).hexdigest()


async def pairing_of(db: Db, owner_id: str, pairing_id: str) -> Pairing:
    """The owner's pairing. Raises UnknownPairing, for a stranger's too."""
    rows = await db.exec(
        select(Pairing).where(Pairing.account_id == owner_id, Pairing.id == pairing_id)
    )
    if (pairing := rows.one_or_none()) is None:
        raise UnknownPairing
    return pairing


async def pairing_with_token(db: Db, token: str) -> Pairing:
    """The pairing that a token is for. Raises UnknownPairing."""
    rows = await db.exec(select(Pairing).where(Pairing.token_sha256 == token_hash(token)))
    if (pairing := rows.one_or_none()) is None:
        raise UnknownPairing
    return pairing


async def claim(db: Db, pairing_id: str, camera_id: str, proof: str, now: datetime) -> bool:
    """Mark a waiting pairing as this camera's; False where another camera was first.

    The second of two waits for the first one's commit, then finds `paired_at` set.
    """
    row = await db.exec(
        update(Pairing)
        .where(
            col(Pairing.id) == pairing_id,
            col(Pairing.paired_at).is_(None),
            col(Pairing.expires_at) > now,
        )
        .values(paired_at=now, camera_id=camera_id, proof=proof)
    )
    return row.rowcount == 1


async def first_use(db: Db, owner_id: str, camera_id: str) -> FirstUse | None:
    """The owner's first use of the camera; None if they never paired it."""
    return await db.get(FirstUse, (camera_id, owner_id))
