"""The manner of every body that comes in or goes out."""

from pydantic import BaseModel, ConfigDict


class Incoming(BaseModel):
    """A request's body: unknown members are refused, and no error repeats what was sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Outgoing(BaseModel):
    """A response's body."""

    model_config = ConfigDict(frozen=True)
