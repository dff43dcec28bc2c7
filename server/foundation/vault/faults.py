"""What can go wrong with sealed values. No message holds a value, a key or whose it is."""

from sqlalchemy.exc import DontWrapMixin


class VaultFault(DontWrapMixin, Exception):  # noqa: N818 - says what it is
    """A fault of ours or of the stored data; to a caller it is an `internal_fault`.

    SQLAlchemy would put others into an exception of its own, with the parameters beside it.
    """


class NotSealed(VaultFault):
    """Bare text was about to reach a sealed column, or to be compared with one.

    Set it on a row and let the row be stored; look it up by its index.
    """


class NoOrigin(VaultFault):
    """Text without its origin was about to reach a column of collected values."""


class NotOpened(VaultFault):
    """A sealed value was read in a way that doesn't open it. Read the whole row."""


class CannotOpen(VaultFault):
    """A value is not what was sealed at this place: it was changed, moved, or its key is wrong."""

    def __init__(self, table: str, column: str) -> None:
        super().__init__(f"a value of {table}.{column} doesn't open")
        self.table, self.column = table, column


class NoSubjectKey(VaultFault):
    """Something was to be stored about a subject that has no key: erased, or never stored."""


class CannotUnwrap(VaultFault):
    """A subject key is not what was wrapped for this subject by this master key."""


class UnknownMasterVersion(VaultFault):
    """A subject key is wrapped by a version of the master key that the key file doesn't hold."""

    def __init__(self, version: int) -> None:
        super().__init__(f"the key file holds no version {version} of the master key")
