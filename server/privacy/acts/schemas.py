"""What the routes of acts take and give."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from server.accounts.schemas import CodeText, EmailText
from server.foundation.wire import Incoming
from server.privacy.acts.act_rules import Act, Wanted
from server.privacy.acts.holding import Order
from server.privacy.cases.schemas import LineText
from server.support.schemas import ReasonText


class ActIn(Incoming):
    """What is to be done upon a request, and why."""

    act: Literal[Act.CANCEL, Act.COPY, Act.DELETE, Act.UPHOLD]
    reason: ReasonText
    concerning: Annotated[
        EmailText | None, Field(description="Whose account it is, if somebody asks for another.")
    ] = None
    proof_seen: Annotated[
        LineText | None, Field(description="By what you know that they may. No copies, no numbers.")
    ] = None

    categories: Annotated[
        tuple[str, ...],
        Field(max_length=64, description="What to delete, as the data map calls it."),
    ] = ()

    def wanted(self) -> Wanted:
        """As the service takes it."""
        return Wanted(
            self.act,
            self.reason,
            self.concerning,
            self.proof_seen,
            frozenset(self.categories),
        )


class HoldIn(Incoming):
    """What a law or a court makes us keep, and until which day."""

    reason: ReasonText
    ground: Annotated[
        LineText,
        Field(pattern=r"\d", description="The law and its article, or the order and its number."),
    ]
    categories: Annotated[
        list[str], Field(min_length=1, max_length=64, description="As the data map calls them.")
    ]
    last_day: Annotated[date, Field(description="In UTC. Today ends the hold at midnight.")]
    concerning: Annotated[
        EmailText | None, Field(description="Whose account it is, if not the asker's.")
    ] = None

    def order(self) -> Order:
        """As the service takes it."""
        return Order(
            self.reason, self.ground, frozenset(self.categories), self.last_day, self.concerning
        )


class CopyIn(Incoming):
    """The code from the letter about the copy."""

    code: CodeText
