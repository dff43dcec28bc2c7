"""What the routes of acts take and give."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from server.accounts.schemas import CodeText, EmailText
from server.foundation.wire import Incoming, Outgoing
from server.privacy.acts.act_rules import Act, Wanted
from server.privacy.acts.tables import CaseAct
from server.privacy.cases.schemas import LineText
from server.support.schemas import ReasonText


class ActIn(Incoming):
    """What is to be done upon a request, and why."""

    act: Act
    reason: ReasonText
    concerning: Annotated[
        EmailText | None, Field(description="Whose account it is, if somebody asks for another.")
    ] = None
    proof_seen: Annotated[
        LineText | None, Field(description="By what you know that they may. No copies, no numbers.")
    ] = None

    def wanted(self) -> Wanted:
        """As the service takes it."""
        return Wanted(self.act, self.reason, self.concerning, self.proof_seen)


class ActOut(Outgoing):
    """Something that was done."""

    act: Act
    at: datetime

    @classmethod
    def of(cls, done: CaseAct) -> Self:
        """The act on the wire."""
        return cls(act=Act(done.act), at=done.at)


class CopyIn(Incoming):
    """The code from the letter about the copy."""

    code: CodeText
