"""Accounts in great number, with rows as the product stores them: sealed by the vault's own rules.

An ordinary account has one camera under warranty, three sign-ins, two choices and thirty events.
Events are made in waves, one for each account in each, so that those of an account lie as far
apart in the database as they would after months. Rows come sealed; those of the first accounts,
one in five, as plain text too, to be compared with.
"""

import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Table
from sqlmodel import SQLModel

from bench.plain_tables import plain_columns
from server.foundation.origins import MARKS, Origin
from server.foundation.purposes import Purpose
from server.foundation.settings import Settings
from server.foundation.vault.key_file import FileKeys
from server.foundation.vault.layout import Layout, layout_of_table
from server.foundation.vault.sealing_rules import NONCE_BYTES, seal
from server.privacy import consent_receipts
from server.privacy.consent_rules import Link, State
from server.privacy.editions import Edition, load_editions
from server.privacy.purposes import PURPOSES
from server.privacy.receipts import Receipts
from server.security.events import EventKind
from server.security.signing_keys import load_signing_keys

import_module("server.main")  # so that every table is known

EVENTS: Final = 30  # of an ordinary account
SESSIONS: Final = 3
CHUNK: Final = 4_000  # accounts whose rows are made at once
SPREAD: Final = timedelta(days=29)  # of the events: none of it is over by any term
LOOKED_AT: Final = 20  # support looked at one camera in so many
STAFF: Final = "stf_eu1_00000000000000000000000001"
PLAIN: Final = 5  # one account in so many has a plain copy too
KINDS: Final = (EventKind.SIGNED_IN, EventKind.SESSION_REFRESHED, EventKind.WARRANTY_ACTIVATED)
Row = dict[str, Any]


class Made(NamedTuple):
    """Rows of one table: as the vault stores them, and some of the same as plain text."""

    table: str
    sealed: list[tuple[Any, ...]]
    plain: list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Town:
    """Whose rows are made: so many accounts, as of a moment, under the keys of this file."""

    accounts: int
    events: int
    now: datetime
    key_file: Path
    seed: bytes

    @property
    def plain(self) -> int:
        """How many accounts have a plain copy."""
        return max(1, self.accounts // PLAIN)


Task = partial[list[Made]]  # makes rows, in whatever process


def town_of(accounts: int, events: int, now: datetime, key_file: Path) -> Town:
    """A town of strangers. `events` are those of each account."""
    return Town(accounts, events, now, key_file, secrets.token_bytes(32))


def id_of(kind: str, number: int) -> str:
    """An id such as the product makes, from a number."""
    return f"{kind}_eu1_{number:026}"


def heavy(town: Town, number: int, count: int) -> Iterator[Task]:
    """What makes so many more events of one account."""
    last = town.events + count
    for first in range(town.events, last, CHUNK):
        waves = range(first, min(first + CHUNK, last))
        yield partial(events, town, range(number, number + 1), waves)


def tasks(town: Town) -> Iterator[Task]:
    """What makes all of the rows, in the order in which they are to be stored."""
    yield partial(staff, town)
    for first in range(0, town.accounts, CHUNK):
        yield partial(people, town, range(first, min(first + CHUNK, town.accounts)))
    for wave in range(town.events):
        for first in range(0, town.accounts, CHUNK):
            numbers = range(first, min(first + CHUNK, town.accounts))
            yield partial(events, town, numbers, range(wave, wave + 1))


def staff(town: Town) -> list[Made]:
    """Somebody who looks things up."""
    rows = Rows(town)
    rows.subject(STAFF)
    rows.add(
        "staff_member", id=STAFF, name="bench", password_hash="none", active=False,
        created_at=town.now,
    )  # fmt: skip
    return rows.made()


def people(town: Town, numbers: range) -> list[Made]:
    """Everything about these accounts but their events."""
    rows = Rows(town)
    for number in numbers:
        rows.also_plain = number < town.plain
        _person(rows, number)
        _sign_ins(rows, number)
        _camera(rows, number)
        _agreements(rows, number)
    return rows.made()


def events(town: Town, numbers: range, waves: range) -> list[Made]:
    """These waves of events of these accounts."""
    rows = Rows(town)
    for wave in waves:
        at = town.now - SPREAD * (1 - wave / max(town.events, waves.stop))
        for number in numbers:
            rows.also_plain = number < town.plain
            kind = KINDS[wave % len(KINDS)]
            rows.add(
                "security_event",
                id=id_of("evt", wave * 10_000_000 + number),
                account_id=id_of("acc", number),
                kind=kind.value,
                at=at + timedelta(milliseconds=number),
                network=f"198.51.{number % 256}.0/24",
                seen_country="Germany",
                seen_town=None,
                seen_town_id=None,
                seen_vicinity=None,
                device="Chrome on Android",
                about=id_of("cam", number) if kind is EventKind.WARRANTY_ACTIVATED else None,
            )
    return rows.made()


class Rows:
    """Collects rows, sealed, and plain where that is wished."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.also_plain = True
        self._keys = _keys(town.key_file)
        self._made: dict[str, Made] = {}

    def subject(self, subject_id: str) -> None:
        """Store the key of a subject."""
        version, wrapped = self._keys.wrap(subject_id, _key(self.town.seed, subject_id))
        self.add(
            "subject_key", id=subject_id, wrapped_key=wrapped, master_version=version,
            created_at=self.town.now,
        )  # fmt: skip

    def add(self, table_name: str, **values: Any) -> None:
        """A row. What may be null and isn't told is; indexes are made of the rest."""
        values = _nothing(table_name) | values
        made = self._made.setdefault(table_name, Made(table_name, [], []))
        made.sealed.append(self._sealed(table_name, values))
        if self.also_plain:
            made.plain.append(tuple(values[name] for name in plain_columns(_table(table_name))))

    def made(self) -> list[Made]:
        """All of them."""
        return list(self._made.values())

    def _sealed(self, table_name: str, values: Row) -> tuple[Any, ...]:
        layout, row = _layout(table_name), dict(values)
        for name, of in layout.indexes.items():
            row[name] = layout.index(self._keys.index_key(), name, tuple(values[it] for it in of))
        for name, subject in layout.sealed.items():
            if (text := row[name]) is not None:
                key = _cipher(self.town.seed, row[subject])
                nonce = secrets.token_bytes(NONCE_BYTES)
                mark = MARKS[Origin.REGISTRATION] if name in layout.collected else b""
                row[name] = seal(key, layout.place(name, row), text, nonce, mark)
        return tuple(row[name] for name in _columns(table_name))


def _person(rows: Rows, number: int) -> None:
    account_id, now = id_of("acc", number), rows.town.now
    rows.subject(account_id)
    rows.add(
        "account", id=account_id, name=f"Person Number {number}",
        email=f"person.{number}@people.example", email_verified=True,
        area="DE", created_at=now - SPREAD, last_used_at=now,
    )  # fmt: skip
    rows.add(
        "provider_identity", issuer="https://accounts.example", subject=f"{number:021}",
        account_id=account_id,
    )  # fmt: skip


def _sign_ins(rows: Rows, number: int) -> None:
    for place in range(SESSIONS):
        session_id, now = id_of("ses", number * SESSIONS + place), rows.town.now
        rows.add(
            "session", id=session_id, account_id=id_of("acc", number),
            device="Chrome on Android", remember=True, created_at=now, last_used_at=now,
            expires_at=now + timedelta(days=30), ended_at=None,
        )  # fmt: skip
        for used_at in (now, None):
            rows.add(
                "refresh_token", hash=secrets.token_hex(32), session_id=session_id, used_at=used_at
            )


def _camera(rows: Rows, number: int) -> None:
    account_id, camera_id = id_of("acc", number), id_of("cam", number)
    since = rows.town.now - SPREAD
    rows.add(
        "device", id=camera_id, serial=f"SH-TOWN-{number:08}", model="SH-C1", region="DE",
        public_key='{"crv":"Ed25519","kty":"OKP","x":"' + f'{number:043}"}}',
        key_thumbprint=f"{number:043}", epoch=1, imported_at=since,
    )  # fmt: skip
    rows.add(
        "ownership", id=id_of("own", number), camera_id=camera_id, account_id=account_id,
        name="Front door", epoch=1, since=since, until=None,
    )  # fmt: skip
    rows.add(
        "first_use", device_id=camera_id, account_id=account_id,
        phone_thumbprint=secrets.token_urlsafe(32), place_id=None, country="DE", at=since,
    )  # fmt: skip
    rows.add(
        "warranty", device_id=camera_id, model="SH-C1", region="DE", activated_at=since,
        starts_on=since.date(), ends_on=(since + timedelta(days=730)).date(),
    )  # fmt: skip
    if number % LOOKED_AT == 0:
        rows.add(
            "lookup", id=id_of("lkp", number), staff_id=STAFF, device_id=camera_id,
            case_number=f"SUP-{number}", reason="Asks how long the camera is covered.",
            at=rows.town.now - timedelta(days=1),
        )  # fmt: skip


def _agreements(rows: Rows, number: int) -> None:
    account_id, at = id_of("acc", number), rows.town.now - SPREAD
    edition = _edition()
    rows.add(
        "policy_acceptance", id=id_of("pol", number), account_id=account_id,
        version=edition.version, sha256=edition.sha256, accepted_at=at,
    )  # fmt: skip
    for place, purpose in enumerate((Purpose.TOWN_OF_USE, Purpose.CAMERA_TOWN), 1):
        rows.add(
            "consent", id=id_of("con", number * 2 + place), account_id=account_id, number=place,
            purpose=purpose.value, state=State.WITHDRAWN.value, policy_version=edition.version,
            text_sha256=secrets.token_hex(32), at=at,
            receipt=_receipt(rows.town.key_file.parent, purpose), chain=secrets.token_bytes(32),
        )  # fmt: skip


def _table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


@cache
def _layout(table_name: str) -> Layout:
    return layout_of_table(_table(table_name))


@cache
def _columns(table_name: str) -> tuple[str, ...]:
    return tuple(str(column.name) for column in _table(table_name).columns)


@cache
def _nothing(table_name: str) -> Row:
    return {str(it.name): None for it in _table(table_name).columns if it.nullable}


@cache
def _edition() -> Edition:
    return load_editions()[-1]


@cache
def _receipt(folder: Path, purpose: Purpose) -> str:
    """Somebody's: as long as everybody's."""
    settings = Settings(data_dir=folder)
    (declared,) = [it for it in PURPOSES if it.code == purpose]
    link = Link(
        id_of("con", 0), id_of("acc", 0), 1, purpose.value, State.WITHDRAWN.value,
        _edition().version, declared.sha256, datetime.now(UTC),
    )  # fmt: skip
    members = consent_receipts.members_of(link, declared, "sub_" + "0" * 32, bytes(32), settings)
    return Receipts(load_signing_keys(settings)).sign(consent_receipts.KIND, members)


@lru_cache(maxsize=1)
def _keys(path: Path) -> FileKeys:
    return FileKeys(path)


def _key(seed: bytes, subject_id: str) -> bytes:
    return hmac.digest(seed, subject_id.encode(), "sha256")


@lru_cache(maxsize=256)
def _cipher(seed: bytes, subject_id: str) -> AESGCM:
    return AESGCM(_key(seed, subject_id))
