"""Passwords: long ones that nobody would guess pass; everything else is told why not."""

import asyncio
import threading
import time
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from server.security.errors import BreachedPassword, WeakPassword
from server.security.password_rules import (
    BLOCKED,
    LONGEST,
    ROWS,
    SHORTEST,
    fault_of,
    normalised,
)
from server.security.passwords import Passwords, check_new_password
from tests.people import cheap_passwords

WORDS = ["violet", "ladder", "under", "tin", "rain", "giraffe", "orbit", "meadow", "quilt", "brisk"]


@given(st.text(max_size=SHORTEST - 1))
def test_a_short_password_is_always_weak(password: str) -> None:
    assume(len(normalised(password)) < SHORTEST)
    fault = fault_of(password)
    assert fault is not None
    assert not fault.breached


@given(st.text(min_size=LONGEST + 1, max_size=LONGEST + 50))
def test_a_password_over_the_limit_is_always_refused(password: str) -> None:
    assume(len(normalised(password)) > LONGEST)
    assert fault_of(password) is not None


@given(st.permutations(WORDS), st.integers(4, 6), st.sampled_from([" ", "-", "", "."]))
def test_a_few_unrelated_words_pass(words: list[str], number: int, between: str) -> None:
    password = between.join(words[:number])
    assume(len(password) >= SHORTEST)
    assert fault_of(password, ["anna@example.com", "Anna"]) is None


@given(st.sampled_from(sorted(BLOCKED)), st.data())
def test_a_listed_password_is_breached_in_any_case_and_spacing(
    entry: str, data: st.DataObject
) -> None:
    turned = "".join(data.draw(st.sampled_from([c, c.upper()])) for c in entry)
    at = data.draw(st.integers(0, len(turned)))
    fault = fault_of(turned[:at] + " " + turned[at:])
    assert fault is not None
    assert fault.breached


@given(st.text(min_size=1, max_size=12), st.integers(2, 40))
def test_a_repeated_piece_is_refused(piece: str, times: int) -> None:
    assert fault_of(piece * times) is not None


@given(st.sampled_from(ROWS), st.integers(0, 40), st.integers(SHORTEST, 40), st.booleans())
def test_a_run_along_a_row_is_refused(row: str, start: int, length: int, back: bool) -> None:
    run = (row * 5)[start : start + length]
    assume(len(run) >= SHORTEST)
    assert fault_of(run[::-1] if back else run) is not None


@given(st.text())
def test_the_same_password_in_two_forms_is_judged_and_kept_alike(password: str) -> None:
    forms = [unicodedata.normalize(form, password) for form in ("NFC", "NFD")]
    assert fault_of(forms[0]) == fault_of(forms[1])
    assert normalised(forms[0]) == normalised(forms[1])


@pytest.mark.parametrize(
    "password",
    [
        "anna.schmidt.1985",
        "annaschmidt-secuhome",
        "SecuHome-Camera-2026",
        "example example example",
        "schmidtanna123456",
    ],
)
def test_what_a_stranger_knows_of_the_account_is_no_password(password: str) -> None:
    fault = fault_of(password, ["anna.schmidt@example.com", "Anna Schmidt"])
    assert fault is not None


def test_a_known_word_does_no_harm_among_others() -> None:
    assert fault_of("anna feeds nine purple herons", ["anna@example.com"]) is None


def test_the_refusals_name_the_field_and_never_the_password() -> None:
    with pytest.raises(WeakPassword) as weak:
        check_new_password("hunter2hunter3", field="new_password")
    with pytest.raises(BreachedPassword) as breached:
        check_new_password("password123456789")
    assert weak.value.field == "new_password"
    assert "hunter" not in str(weak.value)
    assert "password1" not in str(breached.value)


async def test_only_the_right_password_opens() -> None:
    passwords = cheap_passwords()
    kept = await passwords.hash("violet ladder under tin rain")
    assert kept.startswith("$argon2id$")
    assert await passwords.verify("violet ladder under tin rain", kept)
    assert not await passwords.verify("violet ladder under tin rai", kept)
    assert not await passwords.verify("violet ladder under tin rain", None)
    assert not await passwords.verify("violet ladder under tin rain", "damaged")
    assert kept != await passwords.hash("violet ladder under tin rain")


async def test_nobodys_hash_opens_to_no_password() -> None:
    passwords = cheap_passwords()
    assert not await passwords.verify("the hash that no password opens, for equal work", None)


async def test_hashing_leaves_the_event_loop_free() -> None:
    """A real argon2id of 64 MiB takes some 50 ms; a loop that waited for it would tick once."""
    passwords = Passwords()
    began = time.perf_counter()
    ticks = 0
    work = asyncio.gather(*(passwords.hash("violet ladder under tin rain") for _ in range(4)))
    while not work.done():
        await asyncio.sleep(0.001)
        ticks += 1
    await work
    assert ticks >= (time.perf_counter() - began) / 0.05
    assert threading.active_count() > 1


async def test_production_hashes_with_sixty_four_mebibytes() -> None:
    """OWASP asks for 19 MiB at least; pwdlib recommends more."""
    assert "m=65536,t=3,p=4" in await Passwords().hash("violet ladder under tin rain")
