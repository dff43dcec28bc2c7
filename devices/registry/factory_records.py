"""What the factory tells about the cameras it made: one CSV file, read whole or refused.

    serial,model,region,public_key

`public_key` is the public JWK as JSON, quoted as CSV wants it. Every error names the line, the
field and the remedy, and repeats nothing of the file.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from devices.registry.product_rules import MODELS, is_serial
from devices.registry.public_key import NotAPublicKey, PublicKey
from server.accounts.area_rules import AREAS

FIELDS: Final = ("serial", "model", "region", "public_key")
MOST_BYTES: Final = 16 * 1024 * 1024  # about 80,000 records; read into memory once
MOST_RECORDS: Final = 50_000  # a day of a large factory; more come in several files
LONGEST_KEY_TEXT: Final = 512  # a P-256 JWK has about 130 characters


class FactoryFileRefused(ValueError):  # noqa: N818 - says what happened
    """The file is refused, whole. Says where and what to do; `line` counts from 1."""

    def __init__(self, line: int, field: str, fault: str, remedy: str) -> None:
        super().__init__(f"line {line}, {field}: {fault}; {remedy}")
        self.line, self.field, self.fault, self.remedy = line, field, fault, remedy


@dataclass(frozen=True, slots=True)
class FactoryRecord:
    """One camera, as the factory made it, and the line of the file that says so."""

    line: int
    serial: str
    model: str
    region: str
    key: PublicKey


def read_records(content: bytes) -> list[FactoryRecord]:
    """The records of a file, in its order; a record that is there twice comes once.

    Raises FactoryFileRefused.
    """
    if len(content) > MOST_BYTES:
        raise FactoryFileRefused(1, "file", f"over {MOST_BYTES} bytes", "split it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        raise FactoryFileRefused(line, "file", "not UTF-8", "save it as UTF-8") from None
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        _check_header(next(rows, []))
        return _distinct((rows.line_num, row) for row in rows)
    except csv.Error:
        raise FactoryFileRefused(
            rows.line_num, "file", "not CSV as RFC 4180 has it",
            'put "…" around the key and double the quotes inside',
        ) from None  # fmt: skip


def _check_header(header: list[str]) -> None:
    if tuple(header) != FIELDS:
        raise FactoryFileRefused(
            1, "header", "not the expected one", f"let the file begin with {','.join(FIELDS)}"
        )


def _distinct(rows: Iterable[tuple[int, list[str]]]) -> list[FactoryRecord]:
    by_serial: dict[str, FactoryRecord] = {}
    by_key: dict[PublicKey, str] = {}
    for line, row in rows:
        if not row:  # an empty line, most often the last
            continue
        record = _record(line, row)
        if len(by_serial) >= MOST_RECORDS:
            raise FactoryFileRefused(
                record.line, "file", f"over {MOST_RECORDS} records", "split it"
            )
        first = by_serial.setdefault(record.serial, record)
        refuse_difference(record, first.model, first.region, first.key.thumbprint())
        if by_key.setdefault(record.key, record.serial) != record.serial:
            raise two_cameras_one_key(record)
    return list(by_serial.values())


def _record(line: int, row: list[str]) -> FactoryRecord:
    if len(row) != len(FIELDS):
        raise FactoryFileRefused(
            line, "record", f"{len(row)} fields", f"give {len(FIELDS)}: {','.join(FIELDS)}"
        )
    serial, model, region, key_text = row
    if not is_serial(serial):
        raise FactoryFileRefused(
            line, "serial", "not of the form of a serial",
            "give 3 to 64 letters, digits, dots, hyphens or underscores",
        )  # fmt: skip
    if model not in MODELS:
        raise FactoryFileRefused(line, "model", "unknown", f"give one of {', '.join(MODELS)}")
    if region not in AREAS:
        raise FactoryFileRefused(
            line, "region", "no country code", "give ISO 3166-1 alpha-2 in capitals, such as DE"
        )
    return FactoryRecord(line, serial, model, region, _key(line, key_text))


def _key(line: int, text: str) -> PublicKey:
    remedy = "give the camera's public P-256 key as a JWK in JSON, without its private part"
    if len(text) > LONGEST_KEY_TEXT:
        raise FactoryFileRefused(line, "public_key", "too long", remedy)
    try:
        return PublicKey.read(text)
    except NotAPublicKey as wrong:
        raise FactoryFileRefused(line, "public_key", str(wrong), remedy) from None


def refuse_difference(record: FactoryRecord, model: str, region: str, thumbprint: str) -> None:
    """Raises FactoryFileRefused where the record says other than what is known of its serial."""
    for field, same in (
        ("public_key", record.key.thumbprint() == thumbprint),
        ("model", record.model == model),
        ("region", record.region == region),
    ):
        if not same:
            raise FactoryFileRefused(
                record.line, field, "differs from what is known of this serial",
                "take the record out, and find out which of the two is true",
            )  # fmt: skip


def two_cameras_one_key(record: FactoryRecord) -> FactoryFileRefused:
    """For a key that another serial has already: one of the two could speak for the other."""
    return FactoryFileRefused(
        record.line, "public_key", "another serial has this key already",
        "make a new key in each camera",
    )  # fmt: skip
