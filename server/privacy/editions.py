"""Every version of the policy. What is published never changes: people accepted it as it was.

A version is two files in `policy/`: its text (HTML), and its record (JSON) with the text's
fingerprint and all that it declares (`declaration_rules.py`). A row in the table below publishes
it, with the fingerprint of the record, so that a changed letter of either file stops the start. A
newest version without a row is a draft: `secuhome policy record` writes it anew, and production
doesn't start with it (docs/policy-versions.md).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from server.privacy.declaration_rules import Declaration

FOLDER: Final = Path(__file__).parent / "policy"

PUBLISHED: Final[Mapping[str, str]] = {
    # version: SHA-256 of its record, as `secuhome policy record` prints it; the oldest first
    "2026-11-24": "711b70014c01b4b05326e110397105c3c8bf00823b0df33128664b12fec6e786",
}


@dataclass(frozen=True, slots=True)
class Edition:
    """One version, in one language. `sha256` is of `html` in UTF-8."""

    version: str
    in_force_since: datetime
    language: str
    sha256: str
    html: str = field(repr=False)
    declared: Declaration = field(repr=False)
    published: bool = True


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A version's file: what it declares, and the fingerprint of its text."""

    version: str
    language: str
    text_sha256: str
    declared: Declaration


class AlteredPolicy(Exception):  # noqa: N818 - says what was found
    """A version isn't the one that people accepted, or isn't whole. The message names it."""


def load_editions(
    folder: Path = FOLDER, published: Mapping[str, str] = PUBLISHED
) -> tuple[Edition, ...]:
    """All versions, the oldest first. Raises AlteredPolicy, and OSError for a missing file."""
    versions = sorted({path.stem for path in folder.glob("*.json")} | {*published})
    if drafts := [it for it in versions[:-1] if it not in published]:
        raise AlteredPolicy(f"policy {drafts[0]}: neither published nor the newest; publish it")
    return tuple(_load(folder, it, published.get(it)) for it in versions)


def record_text(record: Record) -> str:
    """The file of a record."""
    encoded = msgspec.json.encode(record, order="sorted")
    return msgspec.json.format(encoded, indent=1).decode() + "\n"


def fingerprint(text: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(text).hexdigest()


def first_moment(version: str) -> datetime:
    """When a version comes into force: its name is that day, in UTC."""
    return datetime.fromisoformat(version).replace(tzinfo=UTC)


def _load(folder: Path, version: str, sha256: str | None) -> Edition:
    file = (folder / f"{version}.json").read_bytes()
    text = (folder / f"{version}.html").read_bytes()
    if sha256 is not None and fingerprint(file) != sha256:
        raise AlteredPolicy(
            f"policy {version}: its record differs from its fingerprint in the table"
        )
    try:
        record = msgspec.json.decode(file, type=Record)
    except msgspec.MsgspecError as fault:
        raise AlteredPolicy(f"policy {version}: the record can't be read; {fault}") from None
    if (record.version, record.text_sha256) != (version, fingerprint(text)):
        raise AlteredPolicy(
            f"policy {version}: its text differs from its fingerprint in the record"
        )
    return Edition(
        version,
        first_moment(version),
        record.language,
        record.text_sha256,
        text.decode(),
        record.declared,
        sha256 is not None,
    )
