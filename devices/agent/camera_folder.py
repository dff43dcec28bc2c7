"""What a camera keeps on its flash: who it is, its key, and who owns it.

- `device_key.pem`: 0600, made in the factory
- `identity.json`: {serial, model, region}
- `factory_record.csv`: what the factory reports to the server; the camera itself never reads it
- `pairing.json`: {server, camera_id, name, epoch, phone_thumbprint}, while it is owned
"""

import csv
import io
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from devices.agent.device_key import DeviceKey, UnusableKey

RECORD_HEADER: Final = ("serial", "model", "region", "public_key")


class UnusableFolder(ValueError):  # noqa: N818 - says what it is
    """The folder is no camera's, or damaged. Its text says which file, and what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the factory made this camera to be."""

    serial: str
    model: str
    region: str


@dataclass(frozen=True, slots=True)
class Pairing:
    """To whom the camera belongs: what it has to remember, and no secret."""

    server: str
    camera_id: str
    name: str
    epoch: int
    phone_thumbprint: str


class CameraFolder:
    """A camera's own files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pairing = path / "pairing.json"

    def manufacture(self, identity: Identity) -> DeviceKey:
        """Make a camera: key, identity and the factory's record.

        Raises FileExistsError where the folder holds a camera already: a second key would be a
        camera that no server knows.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        key = DeviceKey.generate()
        key.save(self.path / "device_key.pem")
        _write(self.path / "identity.json", json.dumps(asdict(identity), indent=2) + "\n")
        _write(self.path / "factory_record.csv", factory_record(identity, key))
        return key

    def identity(self) -> Identity:
        """Who we are. Raises UnusableFolder."""
        said = self._read("identity.json")
        try:
            return Identity(str(said["serial"]), str(said["model"]), str(said["region"]))
        except KeyError as missing:
            raise UnusableFolder(f"identity.json lacks {missing}; manufacture it anew") from None

    def key(self) -> DeviceKey:
        """Our key. Raises UnusableFolder."""
        try:
            return DeviceKey.load(self.path / "device_key.pem")
        except (OSError, UnusableKey) as why:
            raise UnusableFolder(f"there is no usable device_key.pem in {self.path}") from why

    def pairing(self) -> Pairing | None:
        """Whose camera we are; None before the first pairing. Raises UnusableFolder."""
        if not self._pairing.exists():
            return None
        said = self._read(self._pairing.name)
        try:
            return Pairing(**said)
        except TypeError:
            raise UnusableFolder("pairing.json is damaged; remove it and pair again") from None

    def remember(self, pairing: Pairing) -> None:
        """Belong to somebody; a power cut leaves the old file or the new one."""
        _write(self._pairing, json.dumps(asdict(pairing), indent=2) + "\n")

    def forget(self) -> None:
        """Belong to nobody."""
        self._pairing.unlink(missing_ok=True)

    def _read(self, name: str) -> dict[str, Any]:
        try:
            said = json.loads((self.path / name).read_text())
        except (OSError, ValueError) as why:
            raise UnusableFolder(f"there is no readable {name} in {self.path}") from why
        if not isinstance(said, dict):
            raise UnusableFolder(f"{name} is damaged")
        return said


def factory_record(identity: Identity, key: DeviceKey) -> str:
    """The CSV, header and one line, that the factory imports at the server."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(RECORD_HEADER)
    public_key = json.dumps(key.public_jwk(), separators=(",", ":"))
    writer.writerow((identity.serial, identity.model, identity.region, public_key))
    return written.getvalue()


def _write(path: Path, text: str) -> None:
    beside = path.with_name(path.name + ".new")
    with beside.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
