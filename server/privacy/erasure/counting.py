"""The counts that a certificate will tell, as they are kept while an erasure is under way."""

from datetime import date

import msgspec


class Destroyed(msgspec.Struct, frozen=True):
    """So many values of one category in one table are gone."""

    category: str
    table: str
    count: int


class Kept(msgspec.Struct, frozen=True):
    """So many values of one category in one table stay, why, and until when.

    `until` is None where the term has not begun: for a request that is still to be answered.
    `held`: only the law that is the ground keeps them, locked, these `fields` of the table.
    """

    category: str
    table: str
    count: int
    ground: str
    until: date | None
    held: bool = False
    fields: tuple[str, ...] = ()


class Counted(msgspec.Struct):
    """What was counted so far."""

    destroyed: list[Destroyed] = []
    kept: list[Kept] = []

    @classmethod
    def read(cls, text: str) -> "Counted":
        """What was written before. Raises msgspec.ValidationError for anything else."""
        return msgspec.json.decode(text, type=cls)

    def text(self) -> str:
        """As it is stored."""
        return msgspec.json.encode(self).decode()

    def add(self, category: str, table: str, count: int) -> None:
        """Count values that are gone from now on."""
        before = [it for it in self.destroyed if (it.category, it.table) == (category, table)]
        others = [it for it in self.destroyed if it not in before]
        count += sum(it.count for it in before)
        self.destroyed = [*others, Destroyed(category, table, count)] if count else others

    def keep(self, table: str, kept: list[Kept]) -> None:
        """What stays in a table. Counting it anew replaces what was counted before."""
        self.kept = [*(it for it in self.kept if it.table != table or it.held), *kept]

    def lock(self, kept: Kept, *, goes: bool) -> None:
        """Values that a law keeps are locked. Those that `goes` from their table don't end."""
        self.kept = [*self.kept, kept]
        if goes:
            self.add(kept.category, kept.table, -kept.count)
