"""The port to whoever holds the master key: a file here, a key service elsewhere."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class WrappedKey(NamedTuple):
    """A subject key as it is stored, and the version of the master key that opens it."""

    master_version: int
    wrapped: bytes


class KeyProvider(Protocol):
    """Wraps and unwraps subject keys. Called on the event loop: none of this may wait.

    A key service that answers over a network fetches its master keys at the start and again
    when an unknown version turns up, as it is meant to be used anyway (envelope encryption).
    """

    def current_version(self) -> int:
        """The version that wraps from now on. Versions count upwards."""
        ...

    def wrap(self, subject_id: str, key: bytes) -> WrappedKey:
        """The key under the current version, for this subject only."""
        ...

    def unwrap(self, subject_id: str, key: WrappedKey) -> bytes:
        """The key itself. Raises CannotUnwrap, UnknownMasterVersion."""
        ...

    def index_key(self) -> bytes:
        """The key of every index, 32 bytes. Stays the same when the master key changes."""
        ...

    def check_values(self) -> Mapping[str, bytes]:
        """For each key, by name, a value by which it is recognised and from which nothing follows.

        The database remembers them, so that it is never opened with somebody else's keys.
        """
        ...

    def add_version(self) -> int:
        """Make a new version of the master key, the current one from now on. Raises OSError."""
        ...
