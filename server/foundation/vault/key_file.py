"""The key provider that reads a file: every version of the master key, and the index key.

JSON, keys in hexadecimal digits. A running process reads it again when it has changed, or when a
subject key is wrapped by a version that it doesn't know yet.
"""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    ValidationError,
    model_validator,
)

from server.foundation import secret_files
from server.foundation.file_labels import plain_file
from server.foundation.settings import BadSettings, Settings
from server.foundation.vault.faults import CannotUnwrap, UnknownMasterVersion
from server.foundation.vault.keys import WrappedKey
from server.foundation.vault.sealing_rules import FORMAT, KEY_BYTES, NONCE_BYTES, together

SETTING: Final = "SECUHOME_MASTER_KEY_PATH"
KEY_FILE: Final = plain_file("master.key", "keys of the service")
INDEX: Final = "index"


def _key(digits: object) -> bytes:
    key = bytes.fromhex(digits) if isinstance(digits, str) else b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes")
    return key


Key = Annotated[bytes, BeforeValidator(_key)]


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    format: Literal[1]
    current: PositiveInt
    masters: Annotated[dict[PositiveInt, Key], Field(repr=False)]
    index: Annotated[Key, Field(repr=False)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.current != max(self.masters, default=0):
            raise ValueError("the current version is the highest")
        return self

    def follows(self, earlier: "_Content") -> bool:
        """Whether this is the same file as it may have become: versions added, or taken away."""
        return self.index == earlier.index and all(
            self.masters.get(version, key) == key for version, key in earlier.masters.items()
        )

    def text(self) -> bytes:
        """The file's content."""
        told = {
            "format": self.format,
            "current": self.current,
            "masters": {str(version): key.hex() for version, key in self.masters.items()},
            "index": self.index.hex(),
        }
        return json.dumps(told, indent=1).encode() + b"\n"


class FileKeys:
    """Implements `KeyProvider` on a file."""

    def __init__(self, path: Path) -> None:
        """Reads the file. Raises BadSettings, with the remedy, for one that is missing or unfit."""
        self._path = path
        self._content, self._stamp = self._read()

    def current_version(self) -> int:
        """The highest version in the file."""
        self._read_again_if_changed()
        return self._content.current

    def wrap(self, subject_id: str, key: bytes) -> WrappedKey:
        """The key under the current version (AES-256-GCM, subject and version bound to it)."""
        version = self.current_version()
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self._content.masters[version]).encrypt(
            nonce, key, _bound_to(subject_id, version)
        )
        return WrappedKey(version, FORMAT + nonce + sealed)

    def unwrap(self, subject_id: str, key: WrappedKey) -> bytes:
        """The key itself. Raises CannotUnwrap, UnknownMasterVersion."""
        version, wrapped = key
        if version not in self._content.masters:
            self._read_again_if_changed()
        if (master := self._content.masters.get(version)) is None:
            raise UnknownMasterVersion(version)
        nonce, sealed = wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :]
        try:
            return AESGCM(master).decrypt(nonce, sealed, _bound_to(subject_id, version))
        except (InvalidTag, ValueError):
            raise CannotUnwrap("a subject key doesn't unwrap") from None

    def index_key(self) -> bytes:
        """The key of every index."""
        return self._content.index

    def check_values(self) -> Mapping[str, bytes]:
        """A value for each key, derived from it one way (HKDF, RFC 5869)."""
        self._read_again_if_changed()
        content = self._content
        masters = {f"master {version}": key for version, key in content.masters.items()}
        return {name: _check(key) for name, key in {INDEX: content.index, **masters}.items()}

    def add_version(self) -> int:
        """Put a new version into the file. Raises OSError where it can't be written."""
        self._content, self._stamp = self._read()
        version = self._content.current + 1
        masters = {**self._content.masters, version: secrets.token_bytes(KEY_BYTES)}
        changed = self._content.model_copy(update={"current": version, "masters": masters})
        secret_files.replace(self._path, changed.text())
        self._content, self._stamp = self._read()
        return version

    def _read_again_if_changed(self) -> None:
        """What we hold still counts if the file is away, damaged, or another instance's."""
        try:
            if _stamp(self._path.stat()) == self._stamp:
                return
            content, stamp = self._read()
        except (OSError, BadSettings):
            return
        if content.follows(self._content):
            self._content, self._stamp = content, stamp

    def _read(self) -> tuple[_Content, tuple[int, ...]]:
        try:
            with self._path.open("rb") as file:
                stamp, raw = os.fstat(file.fileno()), file.read()
        except OSError:
            raise BadSettings(
                f"{SETTING}: the file can't be read; check its path and mode, "
                "or put it back from where you keep it"
            ) from None
        if stamp.st_mode & stat.S_IRWXO:
            raise BadSettings(
                f"{SETTING}: everybody on this machine may read the file; chmod 0600 it"
            )
        try:
            return _Content.model_validate_json(raw), _stamp(stamp)
        except ValidationError:
            raise BadSettings(
                f"{SETTING}: this is no key file, or a damaged one; put the right one back"
            ) from None


def load_keys(settings: Settings) -> FileKeys:
    """The keys that the settings name. The demo makes them at first use; production never does.

    Raises BadSettings, with the setting and the remedy, and OSError where the demo can't write.
    """
    path = settings.master_key_path or settings.data_dir / "master.key"
    if not path.exists() and settings.mode == "demo":
        make_key_file(path)
    return FileKeys(path)


def make_key_file(path: Path) -> None:
    """A new file with new keys; one that is there already stays. Raises OSError."""
    content = _Content.model_construct(
        format=1,
        current=1,
        masters={1: secrets.token_bytes(KEY_BYTES)},
        index=secrets.token_bytes(KEY_BYTES),
    )
    secret_files.create(path, content.text())


def _bound_to(subject_id: str, version: int) -> bytes:
    return together("subject key", subject_id, version)


def _check(key: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"secuhome: check value").derive(key)


def _stamp(file: os.stat_result) -> tuple[int, ...]:
    return file.st_ino, file.st_mtime_ns, file.st_size
