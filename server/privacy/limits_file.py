"""The operator's own table of legal limits, beside ours: a JSON list of rows, checked at the start.

A row: `region`, `law` (with its article), `categories` as the data map calls them, and
`least_days`, `most_days` or both (docs/operations.md, "Legal limits").
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec
from sqlmodel import SQLModel

from server.foundation.settings import BadSettings, Settings
from server.privacy.data_map import personal_columns
from server.privacy.erasure.hold_rules import categories
from server.privacy.legal_limits import LIMITS, LegalLimits, Limit, faults_of

SETTING: Final = "SECUHOME_LEGAL_LIMITS_PATH"
Days = Annotated[int, msgspec.Meta(ge=1, le=40_000)]


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    region: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,7}$")]
    law: Annotated[str, msgspec.Meta(min_length=8, max_length=200)]
    categories: Annotated[frozenset[str], msgspec.Meta(min_length=1)]
    least_days: Days | None = None
    most_days: Days | None = None

    def limit(self) -> Limit:
        """As the rules take it."""
        least, most = (
            None if it is None else timedelta(days=it) for it in (self.least_days, self.most_days)
        )
        return Limit(self.region, self.law, None, self.categories, least, most)


def legal_limits(settings: Settings) -> LegalLimits:
    """The limits of the region that this process belongs to.

    Raises BadSettings: a file that can't be followed, or labels that keep longer than the law lets.
    """
    path = settings.legal_limits_path
    rows = (*LIMITS, *(_read(path) if path else ()))
    if faults := list(faults_of(rows)):
        raise BadSettings("\n".join(f"{SETTING}: {it}" for it in faults))
    limits = LegalLimits(rows, settings.region)
    for table in SQLModel.metadata.sorted_tables:
        for column, label in personal_columns(table):
            if (beyond := limits.beyond(label)) is not None:
                raise BadSettings(
                    f"SECUHOME_CELL: this release keeps {column} longer than a law of the region "
                    f"{settings.region} lets it ({beyond.law}); it can't run there"
                )
    return limits


def _read(path: Path) -> tuple[Limit, ...]:
    try:
        rows = msgspec.json.decode(path.read_bytes(), type=list[_Row])
    except OSError:
        raise BadSettings(f"{SETTING}: the file can't be read; check its path and mode") from None
    except msgspec.MsgspecError as fault:
        raise BadSettings(f"{SETTING}: {fault}; see docs/operations.md") from None
    known = categories(SQLModel.metadata)
    for row in rows:
        if unknown := sorted(row.categories - known):
            raise BadSettings(f"{SETTING}: no such category as {unknown[0]}; see the data map")
    return tuple(it.limit() for it in rows)
