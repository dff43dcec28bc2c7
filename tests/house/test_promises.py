"""The register of promises can't claim more than the tree has and a run has shown.

A promise that quietly lost its test would still be printed as kept: here it fails instead.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from tests.house.promises_register import (
    IDS,
    PAGE,
    Page,
    Promise,
    cases_of,
    faults_of,
    read_register,
)

pytest_plugins = "pytester"
pytestmark = pytest.mark.house

ROOT: Final = Path(__file__).parents[2]
PLANNED: Final[dict[str, Any]] = {
    "section": "1",
    "promise": "The porch light is on at night.",
    "does": "A lamp.",
    "shown_by": "Looking.",
    "mechanism": ["Labels"],
    "state": "planned",
    "control": [],
    "tests": [],
}
KEPT: Final = PLANNED | {
    "state": "kept",
    "control": ["server/lamp.py"],
    "tests": ["checks/test_lamp.py"],
}
LAMP: Final = "class Lamp: ...\nTERM = 3\ndef light(): ...\n"
LAMP_TESTS: Final = """
import pytest

@pytest.mark.parametrize("night", [1, 2])
def test_it_shines(night): pass

class TestSwitch:
    def test_off(self): pass

class TestInherited(TestSwitch): pass

async def test_it_warms(): pass

def helper(): pass
"""


def test_the_register_of_promises_is_whole_and_claims_nothing_that_is_not_there() -> None:
    """A row that is forgotten, or kept by a control or a test that somebody deleted."""
    assert faults_of(read_register(ROOT), ROOT) == []


def test_the_register_holds_every_promise_from_the_first_to_the_last() -> None:
    assert [row.id for row in read_register(ROOT)] == [f"P{n:03}" for n in range(1, 152)]
    assert (IDS[0], IDS[-1], len(IDS)) == ("P001", "P151", 151)


# ---- each fault, on a register and a tree made for it


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for path, text in (("server/lamp.py", LAMP), ("checks/test_lamp.py", LAMP_TESTS)):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(text)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_other.py").write_text("def test_it(): pass\n")
    return tmp_path


def rows_of(*rows: dict[str, Any]) -> tuple[Promise, ...]:
    numbered = [{"id": f"P{number:03}"} | row for number, row in enumerate(rows, 1)]
    return msgspec.convert({"promise": numbered}, Page).promise


def test_a_register_of_planned_and_kept_rows_has_no_fault(tree: Path) -> None:
    assert faults_of(rows_of(PLANNED, KEPT), tree, ids=("P001", "P002")) == []


@pytest.mark.parametrize(
    ("ids", "faults"),
    [
        (["P001", "P003"], ["P002 is missing"]),
        (["P001", "P002", "P003", "P004"], ["P004 is no promise of ours"]),
        (["P001", "P002", "P002", "P003"], ["P002 stands there 2 times"]),
        (["P002", "P001", "P003"], ["P001 is out of order"]),
    ],
    ids=["missing", "strange", "doubled", "out of order"],
)
def test_a_row_that_is_not_in_its_place_is_named(
    tree: Path, ids: list[str], faults: list[str]
) -> None:
    rows = rows_of(*(PLANNED | {"id": row_id} for row_id in ids))
    assert faults_of(rows, tree, ids=("P001", "P002", "P003")) == faults


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (PLANNED | {"state": "nearly"}, "is in an unknown state: nearly"),
        (PLANNED | {"mechanism": ["Luck"]}, "names an unknown mechanism: Luck"),
        (PLANNED | {"mechanism": []}, "has no mechanism"),
        (PLANNED | {"shown_by": " "}, "says nothing under shown_by"),
        (PLANNED | {"tests": ["checks/test_lamp.py"]}, "is planned and yet claims tests"),
        (PLANNED | {"control": ["server/lamp.py"]}, "is planned and yet claims control"),
        (KEPT | {"tests": []}, "is kept without tests"),
        (KEPT | {"control": []}, "is kept without control"),
    ],
)
def test_a_row_that_claims_too_much_or_too_little_is_named(
    tree: Path, row: dict[str, Any], fault: str
) -> None:
    assert faults_of(rows_of(row), tree, ids=("P001",)) == [f"P001 {fault}"]


@pytest.mark.parametrize(
    "control",
    ["server/gone.py", "server/lamp.py::dim", "server::light", "tests/test_other.py", "../", ""],
)
def test_a_control_that_is_not_code_in_the_tree_is_named(tree: Path, control: str) -> None:
    rows = rows_of(KEPT | {"control": [control]})
    assert faults_of(rows, tree, ids=("P001",)) == [
        f"P001 names a control that is not there: {control}"
    ]


@pytest.mark.parametrize(
    "control", ["server", "server/lamp.py::light", "server/lamp.py::Lamp", "server/lamp.py::TERM"]
)
def test_a_control_may_be_a_folder_a_file_or_a_name_in_it(tree: Path, control: str) -> None:
    assert faults_of(rows_of(KEPT | {"control": [control]}), tree, ids=("P001",)) == []


@pytest.mark.parametrize(
    "test",
    [
        "checks/test_gone.py",
        "checks/test_lamp.py::helper",
        "checks/test_lamp.py::test_it_flickers",
        "checks/test_lamp.py::test_it",  # the beginning of a name is not the name
        "checks/test_lamp.py::TestSwitch::test_on",
        "checks/test_lamp.py::test_it_flickers[1]",
        "server/lamp.py",
        "checks",
    ],
)
def test_a_test_that_is_not_in_its_file_is_named(tree: Path, test: str) -> None:
    rows = rows_of(KEPT | {"tests": [test]})
    assert faults_of(rows, tree, ids=("P001",)) == [f"P001 names a test that is not there: {test}"]


@pytest.mark.parametrize(
    ("test", "cases"),
    [
        ("", ["test_it_shines", "TestSwitch::test_off", "TestInherited", "test_it_warms"]),
        ("::test_it_shines", ["test_it_shines"]),
        ("::test_it_shines[1]", ["test_it_shines[1]"]),
        ("::test_it_warms", ["test_it_warms"]),
        ("::TestSwitch", ["TestSwitch::test_off"]),
        ("::TestSwitch::test_off", ["TestSwitch::test_off"]),
        ("::TestInherited", ["TestInherited"]),
    ],
)
def test_a_test_is_found_without_running_its_file(
    tree: Path, test: str, cases: Sequence[str]
) -> None:
    found = cases_of(f"checks/test_lamp.py{test}", tree)
    assert found == tuple(f"checks/test_lamp.py::{case}" for case in cases)


@pytest.mark.parametrize("row", [KEPT | {"owner": "me"}, KEPT | {"tests": "all of them"}])
def test_a_register_of_another_shape_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        rows_of(row)


# ---- the run that has to show it


def as_toml(row: dict[str, Any]) -> str:
    members = (f"{name} = {json.dumps(value)}\n" for name, value in row.items())  # alike, so far
    return f"[[promise]]\n{''.join(members)}"


@dataclass
class Run:
    """A small project with one kept promise, and pytest in it."""

    pytester: pytest.Pytester

    def ends(self, body: str, *options: str, names: Sequence[str] = ("",)) -> tuple[int, str]:
        """Exit status and the promises part of the output, for one file of tests."""
        tests = [f"checks/test_porch.py{name}" for name in names]
        rows = ({"id": "P001"} | KEPT | {"tests": tests}, {"id": "P002"} | PLANNED)
        self.write(PAGE, "\n".join(as_toml(row) for row in rows))
        self.write("checks/test_porch.py", f"import pytest\n{body}\n")
        result = self.pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)
        return int(result.ret), result.stdout.str().partition("= promises =")[2]

    def write(self, path: str, text: str) -> None:
        whole = self.pytester.path / path
        whole.parent.mkdir(exist_ok=True)
        whole.write_text(text)


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makeconftest(
        "from tests.house.promises_register import pytest_addoption, pytest_configure"
    )
    return Run(pytester)


FINE: Final = "def test_it(): pass"
AND_ANOTHER: Final = f"{FINE}\ndef test_other(): pass"
SHOWN: Final = "1 of 1 kept promises shown"


def test_a_run_in_which_every_kept_promise_was_shown_succeeds(run: Run) -> None:
    status, said = run.ends(FINE, "--promises")
    assert status == 0
    assert SHOWN in said


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("def test_it(): assert False", "failed"),
        ("@pytest.mark.skip\ndef test_it(): pass", "was skipped"),
        ("def test_it(): pytest.skip('no PostgreSQL')", "was skipped"),
        ("@pytest.mark.xfail\ndef test_it(): assert False", "was expected to fail"),
        ("@pytest.mark.xfail\ndef test_it(): pass", "was expected to fail"),
        ("@pytest.fixture\ndef bad(): raise OSError\ndef test_it(bad): pass", "failed"),
        ("@pytest.fixture\ndef bad():\n yield\n raise OSError\ndef test_it(bad): pass", "failed"),
        (
            "@pytest.mark.parametrize('n', [1, 2])\ndef test_it(n):\n if n == 2: pytest.skip()",
            "was skipped",
        ),
        ("class TestIt:\n def test_in(self): pytest.skip()\ndef test_it(): pass", "was skipped"),
    ],
)
def test_a_kept_promise_whose_test_did_not_pass_fails_the_run(
    run: Run, body: str, reason: str
) -> None:
    status, said = run.ends(body, "--promises")
    assert status == 1
    assert f"P001 is kept, but checks/test_porch.py {reason}" in said
    assert "0 of 1 kept promises shown" in said


@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["alone", "xdist"])
@pytest.mark.parametrize(
    ("deselect", "names", "line"),
    [
        (("-k", "other"), ("::test_it",), "::test_it "),
        (("--deselect", "checks/test_porch.py::test_it[2]"), ("::test_it",), "::test_it "),
        (("--deselect", "checks/test_porch.py::test_it[2]"), ("",), " "),
    ],
    ids=["whole", "one parameter", "one parameter, file named"],
)
def test_a_deselected_test_shows_nothing(
    run: Run, workers: Sequence[str], deselect: Sequence[str], names: Sequence[str], line: str
) -> None:
    body = "@pytest.mark.parametrize('n', [1, 2])\ndef test_it(n): pass\ndef test_other(): pass"
    status, said = run.ends(body, "--promises", *deselect, *workers, names=names)
    assert status == 1
    assert f"P001 is kept, but checks/test_porch.py{line}was deselected" in said


def test_a_test_whose_file_was_not_run_shows_nothing(run: Run) -> None:
    run.write("checks/test_elsewhere.py", FINE)
    status, said = run.ends(FINE, "--promises", "checks/test_elsewhere.py")
    assert status == 1
    assert "P001 is kept, but checks/test_porch.py did not run" in said


def test_a_run_that_found_no_test_at_all_fails_as_well(run: Run) -> None:
    run.write("empty/readme", "")
    status, said = run.ends(FINE, "--promises", "empty")
    assert status == 1
    assert "did not run" in said


def test_workers_report_to_one_judge(run: Run) -> None:
    status, said = run.ends(AND_ANOTHER, "--promises", "-n2")
    assert status == 0
    assert SHOWN in said


def test_a_test_no_promise_names_may_be_skipped(run: Run) -> None:
    body = f"{FINE}\n@pytest.mark.skip\ndef test_other(): pass"
    status, said = run.ends(body, "--promises", names=["::test_it"])
    assert status == 0
    assert SHOWN in said


def test_a_usage_error_keeps_its_own_exit_status(run: Run) -> None:
    status, _ = run.ends(FINE, "--promises", "--maxfail=nonsense")
    assert status == pytest.ExitCode.USAGE_ERROR


def test_an_unreadable_register_stops_the_run_before_it_begins(run: Run) -> None:
    run.ends(FINE)
    run.write(PAGE, "[[promise]]\nid = 1\n")
    result = run.pytester.runpytest_inprocess("--promises")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--promises: {PAGE} can't be read: *"])


def test_without_the_option_a_run_is_judged_by_its_tests_alone(run: Run) -> None:
    status, said = run.ends("@pytest.mark.skip\ndef test_it(): pass")
    assert (status, said) == (0, "")
