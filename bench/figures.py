"""What a bench tells: rows of figures, and the goals that they meet or don't."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple


class Spread(NamedTuple):
    """Several rounds of one figure."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread:
    """The middle and the ends of several rounds."""
    return Spread(median(values), min(values), max(values))


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Round by round, ours to theirs: what slows a whole round slows both."""
    return spread([a / b for a, b in zip(ours, theirs, strict=True)])


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one server."""

    what: str
    server: str
    figure: Spread
    unit: str


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that has to reach a bound."""

    what: str
    figure: Spread
    bound: float
    at_most: bool

    @property
    def met(self) -> bool:
        """Whether the median does."""
        figure = self.figure.median
        return figure <= self.bound if self.at_most else figure >= self.bound


@dataclass(slots=True)
class Report:
    """What one bench found."""

    title: str
    rows: list[Row] = field(default_factory=list[Row])
    goals: list[Goal] = field(default_factory=list[Goal])

    def add(self, what: str, server: str, values: Sequence[float], unit: str) -> None:
        """A figure of several rounds."""
        self.rows.append(Row(what, server, spread(values), unit))

    def hold(self, what: str, figure: Spread, *, at_most: float = 0, at_least: float = 0) -> None:
        """A goal, with one bound or the other."""
        self.goals.append(Goal(what, figure, at_most or at_least, bool(at_most) or not at_least))

    def as_json(self) -> dict[str, Any]:
        """For a file."""
        rows = [{**asdict(row), "figure": row.figure._asdict()} for row in self.rows]
        goals = [
            {**asdict(goal), "figure": goal.figure._asdict(), "met": goal.met}
            for goal in self.goals
        ]
        return {"title": self.title, "rows": rows, "goals": goals}

    def tell(self, file: Path | None) -> None:
        """Print it, and write it where a file is wished."""
        print(self.title)
        for row in self.rows:
            print(f"  {row.what:34} {row.server:10} {shown(row.figure)} {row.unit}")
        for goal in self.goals:
            bound = f"{'at most' if goal.at_most else 'at least'} {goal.bound:g}"
            print(f"  {goal.what}: {shown(goal.figure)}, {bound}: {met(goal)}")
        if file is not None:
            file.write_text(json.dumps(self.as_json(), indent=2) + "\n")


def met(goal: Goal) -> str:
    """In words."""
    return "met" if goal.met else "NOT MET"


def shown(figure: Spread) -> str:
    """The median and its range, with three figures that count."""
    return f"{short(figure.median)} ({short(figure.least)} to {short(figure.most)})"


def short(value: float) -> str:
    """A number with three figures that count, and thousands set apart."""
    if value >= 1000:
        return f"{round(value, -2) if value >= 10_000 else round(value):,.0f}"
    return f"{value:.3g}"
