"""What was done upon a request, as it is told to whoever asked and to the staff."""

from datetime import datetime
from typing import Self

from server.foundation.wire import Outgoing
from server.privacy.acts.act_rules import Act
from server.privacy.acts.tables import CaseAct


class ActOut(Outgoing):
    """Something that was done."""

    act: Act
    at: datetime

    @classmethod
    def of(cls, done: CaseAct) -> Self:
        """The act on the wire."""
        return cls(act=Act(done.act), at=done.at)
