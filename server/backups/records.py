"""What a backup says, before it is sealed: a header in JSON, and the dump in msgpack.

A record is its length in four bytes and a map. Rows belong to the table that was named last.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

MAGIC: Final = b"SecuHome backup\n"
FORMAT: Final = 1
LENGTH_BYTES: Final = 4


class Header(msgspec.Struct, frozen=True):
    """Whose backup this is, from when, and how it is opened. Nothing in it is secret.

    A later format may say more; who doesn't know it refuses by its number.
    """

    format: int
    id: str  # bak_…; the key is wrapped for it
    cell: str
    instance: bytes  # the check value of the index key, which an installation never changes
    revision: str  # of the schema
    made_at: datetime
    master_version: int
    wrapped_key: bytes


class Table(msgspec.Struct, frozen=True, tag="table"):
    """From here on rows are of this table, their values in the order of these columns."""

    name: str
    columns: tuple[str, ...]


class Rows(msgspec.Struct, frozen=True, tag="rows"):
    """Some rows."""

    rows: tuple[tuple[Any, ...], ...]


class End(msgspec.Struct, frozen=True, tag="end"):
    """All was told: so many rows of each table."""

    counts: dict[str, int]


Record = Table | Rows | End
_records: Final = msgspec.msgpack.Decoder(Record)


class NotARecord(Exception):  # noqa: N818 - says what was found
    """These bytes don't say anything of ours."""


def header_bytes(header: Header) -> bytes:
    """The header as it stands at the start of the file."""
    told = msgspec.json.encode(header)
    return MAGIC + len(told).to_bytes(LENGTH_BYTES) + told


def header_of(told: bytes) -> Header:
    """The header of its JSON. Raises NotARecord."""
    try:
        return msgspec.json.decode(told, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NotARecord from None


def record_bytes(record: Record) -> bytes:
    """One record of the dump. A moment must have its zone."""
    told = msgspec.msgpack.encode(record)
    return len(told).to_bytes(LENGTH_BYTES) + told


def records_in(chunks: Iterable[bytes]) -> Iterator[Record]:
    """The records of a dump that comes in pieces. Raises NotARecord."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while (told := _first(waiting)) is not None:
            del waiting[: LENGTH_BYTES + len(told)]
            yield _record(told)
    if waiting:
        raise NotARecord


def _first(waiting: bytearray) -> bytes | None:
    if len(waiting) < LENGTH_BYTES:
        return None
    end = LENGTH_BYTES + int.from_bytes(waiting[:LENGTH_BYTES])
    return bytes(waiting[LENGTH_BYTES:end]) if len(waiting) >= end else None


def _record(told: bytes) -> Record:
    try:
        return _records.decode(told)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NotARecord from None
