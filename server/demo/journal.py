"""What the demo prints: each step with its time, as it happens."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager


class StepFailed(Exception):  # noqa: N818 - says what happened
    """A step did not hold. The message says which, and why, in one line."""


class Journal:
    """Prints steps. `tell` is called with what a step found out."""

    def __init__(self, print_line: Callable[[str], None]) -> None:
        self._print = print_line
        self.held = 0

    @asynccontextmanager
    async def step(self, name: str) -> AsyncGenerator[list[str]]:
        """One step; what is put into the list stands behind it. Raises StepFailed."""
        began = time.perf_counter()
        facts: list[str] = []
        try:
            yield facts
        except StepFailed as why:
            self._print(f"  ✗ {name}: {why}")
            raise
        except Exception as why:
            self._print(f"  ✗ {name}: {type(why).__name__}: {why}")
            raise StepFailed(f"{name}: {type(why).__name__}") from why
        took = time.perf_counter() - began
        self.held += 1
        self._print(f"  ✓ {took:6.2f} s  {name}")
        for fact in facts:
            self._print(f"              {fact}")

    def say(self, line: str) -> None:
        """A line of its own."""
        self._print(line)
