"""Sealed text as the rest of the project meets it: a column type, and text that is text.

A row that was read holds `SealedText`: a string, and beside it the bytes that stand in the
database, so that a row which is stored again is not sealed anew. Only such text reaches a sealed
column; bare text is refused by the type itself, whatever way it comes.
"""

from collections.abc import Callable
from typing import Any, Final, NoReturn, Self

from sqlalchemy import ColumnElement, Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from server.foundation.origins import ORIGINS, Origin
from server.foundation.vault.faults import NotOpened, NotSealed
from server.foundation.vault.sealing_rules import Place

SEVERAL: Final = (list, tuple, set, frozenset)


class SealedText(str):
    """Text, and how it is sealed. What is made of it (a slice, a sum) is ordinary text."""

    __slots__ = ("place", "sealed", "subject")
    place: Place
    sealed: bytes
    subject: str

    def __new__(cls, text: str, sealed: bytes, place: Place, subject: str) -> Self:
        """The text as it is sealed at `place` under the key of `subject`."""
        it = super().__new__(cls, text)
        it.sealed, it.place, it.subject = sealed, place, subject
        return it

    @property
    def origin(self) -> Origin | None:
        """How it came, where its column says so."""
        return ORIGINS.get(self.sealed[:1])

    def __repr__(self) -> str:
        return "SealedText(…)"

    __hash__ = str.__hash__


class ErasedText(SealedText):
    """What a value opens as once its subject's key is gone: empty, and not to be got back.

    Rows that a law makes us keep are still read. Storing them again leaves the value as it is.
    """

    __slots__ = ()


class Unopened:
    """A sealed value that nobody opened. Whoever takes it for text is refused: NotOpened."""

    __slots__ = ("sealed",)

    def __init__(self, sealed: bytes) -> None:
        self.sealed = sealed

    def _refuse(self, *_: object) -> NoReturn:
        raise NotOpened("a sealed value was read by itself; read the whole row")

    __str__ = __bool__ = __eq__ = __len__ = __iter__ = _refuse
    __hash__ = object.__hash__  # SQLAlchemy may put it in a set; nobody can compare it


class Sealed(TypeDecorator[str]):
    """The type of a sealed column: bytes to the database, text to the code."""

    impl = LargeBinary
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[Any]):
        """Whether there is a value can be asked; which one can't, not even of sealed text."""

        def operate(self, op: Callable[..., Any], *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            """Refuses to be compared with text: NotSealed."""
            for it in other:
                if any(isinstance(one, str) for one in (it if isinstance(it, SEVERAL) else (it,))):
                    raise NotSealed("a sealed column can't be compared; look its index up")
            return super().operate(op, *other, **kwargs)

    comparator_factory = Comparator  # pyright: ignore[reportAssignmentType] - SQLAlchemy's way to name one

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """The sealed bytes. Raises NotSealed for bare text."""
        del dialect
        if value is None:
            return None
        if not isinstance(value, SealedText):
            raise NotSealed("bare text for a sealed column; set it on a row and store the row")
        return value.sealed

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """The value as it stands; a row that is read whole is opened after this."""
        del dialect
        return None if value is None else Unopened(value)
