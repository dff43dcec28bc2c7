"""What a route needs its caller to have chosen: the optional purpose that it serves.

A route that lives from an optional purpose says so where it is declared:
`dependencies=[needs(Purpose.CAMERA_TOWN)]`. While the purpose is off it answers 409, names the
purpose and its switch, and does nothing. If the choice can't be asked, the route fails.
"""

from typing import Any

from fastapi import Depends

from server.foundation.errors import Problem
from server.foundation.purposes import Purpose, allowed
from server.foundation.requests import RequestFoundation
from server.security.authority import SignedIn


class PurposeOff(Problem):
    """The caller hasn't allowed what this route lives from. All the rest works as before."""

    code, status, title = "purpose_off", 409, "You have not switched this on"
    remedy = "Show the purpose that `purpose` names, and let the person use its `switch`."

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def members(self) -> dict[str, Any]:
        """The purpose's code, and where it is switched on."""
        return {"purpose": self.purpose, "switch": f"/v1/privacy/purposes/{self.purpose}"}


def needs(purpose: Purpose) -> Any:
    """What a route declares among its `dependencies`, with PurposeOff among its `responses`."""

    async def check(owner: SignedIn, foundation: RequestFoundation) -> None:
        async with foundation.database.reading() as db:  # given back before the route begins
            if not await allowed(db, owner.id, purpose):
                raise PurposeOff(purpose)

    return Depends(check)
