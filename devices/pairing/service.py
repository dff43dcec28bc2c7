"""How a pairing goes: begun by a person, redeemed by a camera, looked at by the person's phone."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from devices.pairing import pairing_rules, queries
from devices.pairing.errors import PairingExpired, PairingUsed, UnknownPairing
from devices.pairing.pairing_rules import Refusal, State
from devices.pairing.tables import FirstUse, Pairing
from devices.registry.public_key import PublicKey
from devices.registry.queries import device_with_id, ownership_in_force
from devices.registry.service import begin_ownership
from devices.registry.tables import Device, Ownership
from server.accounts.queries import goes_on
from server.foundation.database import Db
from server.foundation.ids import Ids
from server.foundation.origins import Collected, Origin
from server.foundation.purposes import Purpose, allowed, granted_by
from server.security.events import EventKind, note
from server.security.place_rules import kept_of
from server.security.place_sources import place_for
from server.security.sightings import Seen

TOKEN_BYTES: Final = 16  # 128 bit, for the minutes that it lives
REFUSALS: Final = {Refusal.USED: PairingUsed, Refusal.EXPIRED: PairingExpired}


@dataclass(frozen=True, slots=True)
class Begun:
    """A pairing, and its token, which is known here and now only."""

    pairing: Pairing
    token: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A pairing as it stands, with the camera that answered."""

    pairing: Pairing
    state: State
    device: Device | None


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants a camera, by what name; the phone's key, and where that phone is seen."""

    owner_id: str
    name: str
    phone: PublicKey
    seen: Seen


async def begin(db: Db, ids: Ids, wish: Wish, life: timedelta, now: datetime) -> Begun:
    """Begin a pairing that may be redeemed for as long as `life`."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    granted = await granted_by(db, wish.owner_id)
    there = await place_for(db, wish.owner_id, wish.seen)
    kept = kept_of(there, granted)
    pairing = Pairing(
        id=ids.new("pai"),
        account_id=wish.owner_id,
        name=Collected(wish.name, origin=Origin.INTERACTION),
        phone_key=wish.phone.text(),
        place_id=kept.town_id,
        country=there.country if there and Purpose.COUNTRY_OF_USE in granted else None,
        token_sha256=queries.token_hash(token),
        created_at=now,
        expires_at=now + life,
    )
    db.add(pairing)
    await db.flush()
    await note(
        db,
        id=ids.new("evt"),
        account_id=wish.owner_id,
        kind=EventKind.PAIRING_BEGUN,
        at=now,
        seen=wish.seen,
        about=wish.name,
    )
    return Begun(pairing, token)


async def look(db: Db, owner_id: str, pairing_id: str, now: datetime) -> Standing:
    """How the owner's pairing stands. Raises UnknownPairing."""
    pairing = await queries.pairing_of(db, owner_id, pairing_id)
    state = pairing_rules.state_of(pairing.paired_at, pairing.expires_at, now)
    device = await device_with_id(db, pairing.camera_id) if pairing.camera_id else None
    return Standing(pairing, state, device)


async def redeem(
    db: Db, ids: Ids, *, camera_id: str, token: str, proof: str, now: datetime
) -> Ownership:
    """Make the camera the property of whoever began the pairing.

    The same camera asking again, word for word, is told the same again: the first answer may
    have been lost on its way, and the camera would never learn that it has an owner.
    Raises UnknownPairing, PairingUsed, PairingExpired, CameraAlreadyOwned; nothing is changed then.
    """
    if not pairing_rules.is_token(token):
        raise UnknownPairing
    pairing = await queries.pairing_with_token(db, token)
    if again := await _asked_again(db, pairing, camera_id, proof):
        return again
    if refusal := pairing_rules.refusal_of(pairing.paired_at, pairing.expires_at, now):
        raise REFUSALS[refusal]
    if not await goes_on(db, pairing.account_id):  # a code in flight gives nobody who left a camera
        raise PairingExpired
    if not await queries.claim(db, pairing.id, camera_id, proof, now):  # raced by another camera
        raise PairingUsed
    ownership = await begin_ownership(
        db, ids, camera_id=camera_id, account_id=pairing.account_id, name=pairing.name, now=now
    )
    pairing.epoch = ownership.epoch
    await _keep_first_use(db, pairing, camera_id, now)
    await note(
        db,
        id=ids.new("evt"),
        account_id=pairing.account_id,
        kind=EventKind.CAMERA_PAIRED,
        at=now,
        about=pairing.name,
    )
    return ownership


async def _keep_first_use(db: Db, pairing: Pairing, camera_id: str, now: datetime) -> None:
    if await queries.first_use(db, pairing.account_id, camera_id):
        return  # later pairings change nothing
    # Asked again: it may have been withdrawn since the pairing began.
    with_town = await allowed(db, pairing.account_id, Purpose.TOWN_OF_USE)
    db.add(
        FirstUse(
            device_id=camera_id,
            account_id=pairing.account_id,
            phone_thumbprint=PublicKey.read(pairing.phone_key).thumbprint(),
            place_id=pairing.place_id if with_town else None,
            country=pairing.country,
            at=now,
        )
    )


async def _asked_again(db: Db, pairing: Pairing, camera_id: str, proof: str) -> Ownership | None:
    if pairing.camera_id != camera_id or pairing.proof is None:
        return None
    if not secrets.compare_digest(pairing.proof, proof):
        return None
    ownership = await ownership_in_force(db, camera_id)
    return ownership if ownership and ownership.epoch == pairing.epoch else None
