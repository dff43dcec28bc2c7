"""What correcting and deleting refuse. Names the field, never the value."""

from collections.abc import Sequence
from typing import Any

from msgspec import to_builtins

from server.foundation.errors import Problem
from server.privacy.corrections.deletion_rules import Kept


class ImpossibleValue(Problem):
    """A value that the field can't have. Nothing of the request was stored."""

    code, status, title = "impossible_value", 422, "This value is not possible"
    remedy = "Correct the field that `field` names as `detail` says; nothing was stored."

    def __init__(self, detail: str, *, field: str, row: str | None) -> None:
        super().__init__(detail, field=field)
        self.row = row

    def members(self) -> dict[str, Any]:
        """The row that the field is in, where there are several."""
        return {} if self.row is None else {"row": self.row}


class NotCorrectable(Problem):
    """For a field that isn't there, can't be corrected, or is somebody else's."""

    code, status, title = "not_correctable", 422, "This field can't be corrected here"
    remedy = (
        "Use the fields that `/v1/privacy/corrections` lists; for anything else ask us at"
        " `/v1/account/requests`, kind `correction`. Nothing was stored."
    )


class UnknownCategory(Problem):
    """A category that no data has."""

    code, status, title = "unknown_category", 404, "There is no such category of data"
    remedy = "Use a category that `/v1/privacy/held` lists."


class NotDeletable(Problem):
    """What the account can't do without, or what must be kept. `kept` says why, and until when."""

    code, status, title = "not_deletable", 409, "This data can't be deleted by itself"
    remedy = (
        "It ends with the account, or later where `kept` names a day: to end it, cancel the"
        " account at `/v1/account/cancellation`."
    )

    def __init__(self, kept: Sequence[Kept]) -> None:
        super().__init__(" ".join(dict.fromkeys(it.why for it in kept)), field="category")
        self.kept = kept

    def members(self) -> dict[str, Any]:
        """What is kept, for which reason, until when."""
        return {"kept": to_builtins(list(self.kept))}
