"""The form of cases and reasons."""

import pytest

from server.support.lookup_rules import fault_of_reason, is_case_number, told_to_owner


@pytest.mark.parametrize("text", ["4711", "SUP-2026-42", "SUP-7", "2026-0042"])
def test_case_numbers_as_case_systems_write_them(text: str):
    assert is_case_number(text)


@pytest.mark.parametrize(
    "text", ["", "case 4711", "4711\n", "Ann Smith", "4711-", "sup-1", "1" * 13, "٤٧١١"]
)
def test_a_case_number_can_hold_no_text(text: str):
    assert not is_case_number(text)


@pytest.mark.parametrize(
    "text", ["too short", "x" * 501, "..............", "a reason with\x00", "1234567890 12"]
)
def test_a_reason_needs_words(text: str):
    assert fault_of_reason(text)


def test_a_reason_may_be_in_any_script():
    assert fault_of_reason("客户询问保修期还有多久呢") is None
    assert fault_of_reason("The customer asks\nhow long it is covered.") is None


def test_the_owner_reads_camera_and_case_and_not_the_reason():
    assert told_to_owner("Porch", "4711") == "Porch (case 4711)"
