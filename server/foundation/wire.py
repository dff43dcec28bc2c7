"""The manner of every body that comes in or goes out."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError


class Incoming(BaseModel):
    """A request's body: unknown members are refused, and no error repeats what was sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="wrap")
    @classmethod
    def _only_text_that_can_be_kept(
        cls, given: Any, handler: ModelWrapValidatorHandler[Self]
    ) -> Self:
        """Half a character (JSON's lone surrogates) and NUL would fail later, in a database."""
        faulty = [name for name, value in _members(given) if not _can_be_kept(value)]
        if faulty:
            problem = PydanticCustomError("text", "There are characters in it that can't be kept")
            errors = [InitErrorDetails(type=problem, loc=(name,), input=None) for name in faulty]
            raise ValidationError.from_exception_data(cls.__name__, errors, hide_input=True)
        return handler(given)


class Outgoing(BaseModel):
    """A response's body."""

    model_config = ConfigDict(frozen=True)


def _members(given: Any) -> list[tuple[str, Any]]:
    return list(given.items()) if isinstance(given, dict) else []


def _can_be_kept(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_can_be_kept(inner) for pair in value.items() for inner in pair)
    if isinstance(value, list):
        return all(_can_be_kept(inner) for inner in value)
    if not isinstance(value, str):
        return True
    return "\x00" not in value and value.encode(errors="ignore").decode() == value
