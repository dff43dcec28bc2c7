"""The register of promises: how it is read, what can be wrong with it, and whether a run showed it.

`faults_of` looks at the register and the tree and runs nothing. `pytest --promises` looks at a run:
the session fails if a test that a kept promise names did not pass in it, whatever the reason.
A conftest takes `pytest_addoption` and `pytest_configure` from here; nothing is kept in globals.
"""

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

PAGE: Final = "docs/promises.toml"
IDS: Final = tuple(f"P{number:03}" for number in range(1, 152))  # a later promise gets the next
STATES: Final = ("planned", "kept")
MECHANISMS: Final = (
    "Labels", "Purposes", "Requests", "Disclosure", "Account security", "Staff access",
    "Vault", "Statistics", "Notices", "Guardians",
    "Product",  # a plain feature that none of the ten carries
)  # fmt: skip
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Promise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row: the policy's promise in our words, what keeps it, and how far we are."""

    id: str
    section: str
    promise: str
    does: str
    shown_by: str
    mechanism: tuple[str, ...]
    state: str
    control: tuple[str, ...]
    tests: tuple[str, ...]


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole register."""

    promise: tuple[Promise, ...]


def read_register(root: Path) -> tuple[Promise, ...]:
    """The rows of the tree at `root`, as they stand.

    Raises OSError, tomllib.TOMLDecodeError, and msgspec.ValidationError for a missing, surplus
    or wrongly typed member.
    """
    return msgspec.convert(tomllib.loads((root / PAGE).read_text("utf-8")), Page).promise


# ---- what is wrong with the register


def faults_of(rows: Sequence[Promise], root: Path, ids: Sequence[str] = IDS) -> list[str]:
    """Everything wrong with the rows, each fault with the id of its row; empty if all is well."""
    return [
        *faults_of_ids([row.id for row in rows], ids),
        *(f"{row.id} {fault}" for row in rows for fault in faults_of_row(row, root)),
    ]


def faults_of_ids(found: Sequence[str], ids: Sequence[str]) -> Iterator[str]:
    """Rows that are missing, strange, doubled or out of order."""
    counts = Counter(found)
    yield from (f"{row_id} is missing" for row_id in ids if not counts[row_id])
    yield from (f"{row_id} is no promise of ours" for row_id in counts if row_id not in ids)
    yield from (
        f"{row_id} stands there {many} times" for row_id, many in counts.items() if many > 1
    )
    yield from (f"{late} is out of order" for early, late in pairwise(found) if late < early)


def faults_of_row(row: Promise, root: Path) -> Iterator[str]:
    """What a single row claims and the tree does not bear out."""
    for name in ("section", "promise", "does", "shown_by"):
        if not getattr(row, name).strip():
            yield f"says nothing under {name}"
    if not row.mechanism:
        yield "has no mechanism"
    for name in row.mechanism:
        if name not in MECHANISMS:
            yield f"names an unknown mechanism: {name}"
    if row.state not in STATES:
        yield f"is in an unknown state: {row.state}"
    for name, claims in (("control", row.control), ("tests", row.tests)):
        if row.state == "kept" and not claims:
            yield f"is kept without {name}"
        if row.state == "planned" and claims:
            yield f"is planned and yet claims {name}"
    yield from (
        f"names a control that is not there: {c}" for c in row.control if not built(c, root)
    )
    yield from (f"names a test that is not there: {t}" for t in row.tests if not cases_of(t, root))


def built(control: str, root: Path) -> bool:
    """Whether `path` (a file or folder) or `path::name` (a name at its top) is there."""
    path, _, name = control.partition("::")
    if not inside(path, root) or path.startswith("tests/"):  # a test shows a control, it is none
        return False
    return not name or name in names_in(root / path)


def cases_of(test: str, root: Path) -> tuple[str, ...]:
    """The pytest ids behind `path` or `path::name`, unparametrised; empty if there is no such test.

    Only what the file itself defines: a test that is inherited or imported is named where it is.
    """
    path, _, name = test.partition("::")
    if not inside(path, root) or not Path(path).name.startswith("test_"):
        return ()
    wanted = name.partition("[")[0]
    cases = (
        case
        for case in declared_tests(root / path)
        if not wanted or case == wanted or case.startswith(f"{wanted}::")
    )
    return (test,) if name != wanted and any(cases) else tuple(f"{path}::{case}" for case in cases)


def inside(path: str, root: Path) -> bool:
    """Whether something of this name is in the tree; a way out of the tree is none."""
    whole = (root / path).resolve()
    return bool(path) and whole.is_relative_to(root.resolve()) and whole.exists()


def declared_tests(path: Path) -> Iterator[str]:
    """The tests that pytest would find by its default names, read and not run."""
    for node in body_of(path):
        match node:
            case ast.ClassDef(name=name, body=body) if name.startswith("Test"):
                methods = [each.name for each in body if isinstance(each, Definition)]
                own = [f"{name}::{method}" for method in methods if method.startswith("test")]
                yield from own or [name]  # all inherited, as of a state machine
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if name.startswith("test"):
                    yield name
            case ast.Assign(targets=[ast.Name(id=name)]) if name.startswith("Test"):
                yield name  # `TestCalls = Calls.TestCase`, hypothesis' way
            case _:
                pass


def names_in(path: Path) -> Iterator[str]:
    """The names that a Python file gives at its top: functions, classes, tables and types."""
    for node in body_of(path):
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case _:
                pass


@cache
def body_of(path: Path) -> tuple[ast.stmt, ...]:
    """The statements at the top of a Python file; none of anything else."""
    if path.suffix != ".py":
        return ()
    return tuple(ast.parse(path.read_text("utf-8"), str(path)).body)


# ---- whether a run showed what is kept

FORWARDED: Final = "promises_deselected"  # from a worker of pytest-xdist to its controller


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--promises`."""
    parser.addoption(
        "--promises",
        action="store_true",
        help=f"fail unless every test of a kept promise in {PAGE} passed in this run",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Starts watching where asked to. Raises pytest.UsageError for an unreadable register."""
    if not config.getoption("--promises"):
        return
    if hasattr(config, "workerinput"):  # the controller judges, this process only reports
        config.pluginmanager.register(WorkerWatch(config), "promises")
        return
    try:
        rows = read_register(config.rootpath)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise pytest.UsageError(f"--promises: {PAGE} can't be read: {error}") from error
    config.pluginmanager.register(RunWatch(rows, config.rootpath), "promises")


class WorkerWatch:
    """In a worker: tells the controller what was deselected, which no report does."""

    def __init__(self, config: pytest.Config) -> None:
        self.output: dict[str, Any] = vars(config)["workeroutput"]  # xdist's own, put there by it

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self.output.setdefault(FORWARDED, []).extend(item.nodeid for item in items)


class RunWatch:
    """Remembers how each test of a run ended, and fails the session for a promise not shown."""

    def __init__(self, rows: Sequence[Promise], root: Path) -> None:
        self.kept = [row for row in rows if row.state == "kept"]
        self.root = root
        self.ended: dict[str, str] = {}
        self.unshown: list[str] = []

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self.ended.update((item.nodeid, "was deselected") for item in items)

    @pytest.hookimpl(optionalhook=True)  # xdist's
    def pytest_testnodedown(self, node: Any) -> None:
        output: dict[str, Any] = getattr(node, "workeroutput", {})
        self.ended.update((nodeid, "was deselected") for nodeid in output.get(FORWARDED, ()))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.ended[report.nodeid] = "failed"
        elif hasattr(report, "wasxfail"):  # somebody expected the promise to be broken
            self.ended[report.nodeid] = "was expected to fail"
        elif report.skipped:
            self.ended[report.nodeid] = "was skipped"
        elif report.when == "call":
            self.ended.setdefault(report.nodeid, "passed")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.unshown = [
            f"{row.id} is kept, but {test} {reason}"
            for row in self.kept
            for test in row.tests
            if (reason := self.reason_against(test))
        ]
        mild = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self.unshown and session.exitstatus in mild:  # a worse end keeps its own number
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("promises")
        for line in self.unshown:
            terminalreporter.line(line, red=True)
        short = len({line.partition(" ")[0] for line in self.unshown})
        terminalreporter.line(f"{len(self.kept) - short} of {len(self.kept)} kept promises shown")

    def reason_against(self, test: str) -> str | None:
        """Why this run doesn't show the test passing; nothing if it does."""
        for case in cases_of(test, self.root) or (test,):
            family = (f"{case}[", f"{case}::", f"{case}@")  # parameters, methods, xdist's groups
            ends = [
                end
                for nodeid, end in self.ended.items()
                if nodeid == case or nodeid.startswith(family)
            ]
            if not ends:
                return "did not run" if case == test else f"did not run ({case})"
            if bad := [end for end in ends if end != "passed"]:
                return bad[0]
        return None
