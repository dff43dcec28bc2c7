"""Whether a receipt, a certificate or an export is one of ours, and as we gave it out.

Needs nothing but our public keys: whoever has the key set of `/.well-known/jwks.json` can tell.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import jwt

from server.privacy.export_signature import KIND as EXPORT
from server.privacy.export_signature import SIGNATURE_FILE
from server.privacy.receipts import ALGORITHM, kind_of

CHUNK_BYTES: Final = 65_536
MOST_JWS_BYTES: Final = 1 << 20
UNREADABLE: Final = (  # what reading a broken archive raises
    zipfile.BadZipFile, zlib.error, UnicodeDecodeError, ValueError, NotImplementedError,
    RuntimeError, EOFError, OSError,
)  # fmt: skip


class StatementRefused(Exception):  # noqa: N818 - says what was found
    """It isn't ours, or not as we gave it out. The message says what is wrong, and no content."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement whose signature holds. `kind` is a word such as `consent-receipt`."""

    kind: str
    members: dict[str, Any]


def read_statement(jws: str, keys: Mapping[str, jwt.PyJWK]) -> Statement:
    """A compact JWS under one of these keys, by their ids. Raises StatementRefused."""
    try:
        head = jwt.get_unverified_header(jws)
    except jwt.InvalidTokenError:
        raise StatementRefused("this is no signed statement; give it whole") from None
    kind = kind_of(str(head.get("typ", "")))
    if kind is None:
        raise StatementRefused("it is signed, but no statement of ours about a person's data")
    if (key := keys.get(str(head.get("kid")))) is None:
        raise StatementRefused("its key is none of these; is it from another service?")
    try:
        return Statement(kind, json.loads(jwt.api_jws.decode(jws, key.key, [ALGORITHM])))
    except (jwt.InvalidTokenError, ValueError):
        raise StatementRefused("its signature doesn't hold: it was changed") from None


def read_export(path: Path, keys: Mapping[str, jwt.PyJWK]) -> Statement:
    """The statement of an export, all of whose files are as signed.

    Raises StatementRefused, and OSError where there is no such file.
    """
    with path.open("rb") as file:
        return _read_archive(file, keys)


def _read_archive(whole: IO[bytes], keys: Mapping[str, jwt.PyJWK]) -> Statement:
    try:
        with zipfile.ZipFile(whole) as archive:
            names = archive.namelist()
            if SIGNATURE_FILE not in names:
                raise StatementRefused(f"the archive has no {SIGNATURE_FILE}")
            with archive.open(SIGNATURE_FILE) as file:
                text = file.read(MOST_JWS_BYTES).decode()
            told = read_statement(text, keys)
            if told.kind != EXPORT:
                raise StatementRefused(f"its {SIGNATURE_FILE} is a statement of another kind")
            signed = told.members["files"]
            found = [name for name in names if name != SIGNATURE_FILE]
            if sorted(found) != sorted(signed):
                raise StatementRefused("the archive has other files than were signed")
            for name in found:
                with archive.open(name) as file:
                    if _sha256(file) != signed[name]["sha256"]:
                        raise StatementRefused(f"{name} was changed")
            return told
    except UNREADABLE:
        raise StatementRefused("the archive can't be read: it was changed or cut off") from None


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
