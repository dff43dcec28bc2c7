"""Registering: who proves an address gets an account, and a stranger learns nothing."""

import asyncio
from typing import Any

import httpx
import pytest

from server.accounts.tables import Account, Registration
from server.foundation.vault.subject_keys import SubjectKey
from server.security.events import SecurityEvent
from tests.people import PASSWORD, People, bearer

ANNA = "anna@example.com"


async def test_whoever_reads_the_mailbox_gets_the_account(house: People) -> None:
    async with house.browser() as browser:
        session = await house.register(browser, ANNA, name="Anna")
        account = (await browser.get("/v1/account", headers=bearer(session))).json()
    assert account["id"] == session["account_id"]
    assert (account["email"], account["name"], account["area"]) == (ANNA, "Anna", "PT")
    assert session["policy_accepted"] is False
    assert session["place"] == {"text": "Portugal"}


async def test_there_is_no_account_before_the_code(house: People) -> None:
    async with house.browser() as browser:
        await house.ask(browser, ANNA)
        assert await house.rows(Account) == []
        assert (await house.sign_in(browser, ANNA)).status_code == 401


async def test_a_taken_address_answers_like_a_free_one(house: People) -> None:
    """Otherwise anybody could ask the register who has cameras at home."""
    async with house.browser() as browser, house.browser() as stranger:
        await house.register(browser, ANNA)
        free = await house.ask(stranger, "free@example.com")
        taken = await house.ask(stranger, ANNA.upper())
    assert free.status_code == taken.status_code == 202
    assert _shape(free) == _shape(taken)
    assert "have an account here already" in house.letters(ANNA)[-1]
    assert not any(digit in house.letters(ANNA)[-1] for digit in "0123456789")
    assert len(house.letters("free@example.com")) == 1


async def test_a_taken_addresss_registration_dies_like_any_other(house: People) -> None:
    """Confirming is no way around the equal answers: wrong code, and after five tries over."""
    async with house.browser() as browser, house.browser() as stranger:
        await house.register(browser, ANNA)
        free = (await house.ask(stranger, "free@example.com")).json()["registration_id"]
        taken = (await house.ask(stranger, ANNA)).json()["registration_id"]
        wrong = _other_than(house.code_for("free@example.com"))
        answers = {
            name: [await _confirm(stranger, of, wrong) for _ in range(6)]
            for name, of in {"free": free, "taken": taken}.items()
        }
    codes = ["wrong_code"] * 5 + ["registration_over"]
    assert [it.json()["code"] for it in answers["free"]] == codes
    assert [it.json()["code"] for it in answers["taken"]] == codes


async def test_both_registrations_cost_the_same_hashes(
    house: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work is counted, not timed: equal hashing is what makes the times equal."""
    from server.security.passwords import Passwords  # noqa: PLC0415 - only counted here

    counted: list[str] = []
    real = Passwords.hash

    async def count(self: Passwords, password: str) -> str:
        counted.append("hash")
        return await real(self, password)

    async with house.browser() as browser:
        await house.register(browser, ANNA)
        monkeypatch.setattr(Passwords, "hash", count)
        await house.ask(browser, "free@example.com")
        free, counted[:] = list(counted), []
        await house.ask(browser, ANNA)
    assert free == counted == ["hash", "hash"]


async def test_tries_are_counted_although_the_answer_is_a_refusal(house: People) -> None:
    async with house.browser() as browser:
        of = (await house.ask(browser, ANNA)).json()["registration_id"]
        code = house.code_for(ANNA)
        for _ in range(5):
            refused = await _confirm(browser, of, _other_than(code))
            assert (refused.status_code, refused.json()["field"]) == (422, "code")
        assert (await _confirm(browser, of, code)).json()["code"] == "registration_over"
    assert await house.rows(Account) == []


async def test_guesses_made_side_by_side_are_each_counted(house: People) -> None:
    async with house.browser() as browser:
        of = (await house.ask(browser, ANNA)).json()["registration_id"]
        wrong = _other_than(house.code_for(ANNA))
        answers = await asyncio.gather(*(_confirm(browser, of, wrong) for _ in range(12)))
    codes = [it.json()["code"] for it in answers]
    assert sorted(codes) == ["registration_over"] * 7 + ["wrong_code"] * 5


async def test_a_code_works_once(house: People) -> None:
    async with house.browser() as browser:
        of = (await house.ask(browser, ANNA)).json()["registration_id"]
        code = house.code_for(ANNA)
        answers = await asyncio.gather(*(_confirm(browser, of, code) for _ in range(3)))
    assert sorted(it.status_code for it in answers) == [201, 410, 410]
    (account,) = await house.rows(Account)
    assert await house.rows(Registration) == []
    assert [it.id for it in await house.rows(SubjectKey)] == [account.id]


async def test_a_code_runs_out(house: People) -> None:
    async with house.browser() as browser:
        of = (await house.ask(browser, ANNA)).json()["registration_id"]
        house.clock.advance(seconds=house.settings.registration_s)
        assert (await _confirm(browser, of, house.code_for(ANNA))).status_code == 410


async def test_two_registrations_of_one_address_make_one_account(house: People) -> None:
    """Pre-hijacking: whoever asked first with another password isn't let in by the owner's."""
    async with house.browser() as browser, house.browser() as attacker:
        theirs = (await house.ask(attacker, ANNA, password="the attacker waits inside")).json()
        their_code = house.code_for(ANNA)
        mine = (await house.ask(browser, ANNA)).json()
        my_code = house.code_for(ANNA)
        assert (await _confirm(browser, mine["registration_id"], my_code)).status_code == 201
        late = await _confirm(attacker, theirs["registration_id"], their_code)
        assert late.json()["code"] == "registration_over"
        assert (await house.sign_in(browser, ANNA)).status_code == 201
        denied = await house.sign_in(attacker, ANNA, "the attacker waits inside")
        assert denied.status_code == 401


async def test_two_registrations_confirmed_at_once_make_one_account(house: People) -> None:
    async with house.browser() as browser:
        asked: list[tuple[str, str]] = []
        for _ in range(4):
            of = (await house.ask(browser, ANNA)).json()["registration_id"]
            asked.append((of, house.code_for(ANNA)))
        answers = await asyncio.gather(*(_confirm(browser, of, code) for of, code in asked))
    assert sorted(it.status_code for it in answers) == [201, 410, 410, 410]
    assert len(await house.rows(Account)) == 1


@pytest.mark.parametrize("left", ["email", "password", "area"])
async def test_a_missing_detail_is_named(house: People, left: str) -> None:
    body = {"email": ANNA, "password": PASSWORD, "area": "PT"}
    del body[left]
    async with house.browser() as browser:
        answer = await browser.post("/v1/registrations", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [left]


@pytest.mark.parametrize(
    "other",
    [
        {"phone": "+351 210 000 000"},
        {"email": "nobody"},
        {"email": "anna@example.com\nBcc: all@example.com"},
        {"email": "ännä@example.com"},
        {"area": "XX"},
        {"area": "pt"},
        {"name": "Anna\x00"},
        {"name": "Anna\nSmith"},
        {"name": "A" * 65},
        {"password": ""},
        {"password": ["a list"]},
    ],
    ids=str,
)
async def test_what_the_form_doesnt_ask_for_is_refused_and_stored_nowhere(
    house: People, other: dict[str, Any]
) -> None:
    async with house.browser() as browser:
        answer = await house.ask(browser, **{"to": ANNA, **_as_arguments(other)})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert not house.letters(ANNA)
    assert await house.rows(Registration) == []


async def test_a_refusal_repeats_nothing_that_was_sent(house: People) -> None:
    async with house.browser() as browser:
        answer = await browser.post(
            "/v1/registrations",
            json={"email": "canary-one@", "password": "canary-two", "area": "canary-three"},
        )
    assert answer.status_code == 422
    assert "canary" not in answer.text


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("fourteen chars", "weak_password"),
        ("x" * 257, "weak_password"),
        ("anna.example.com", "weak_password"),
        ("secuhome-secuhome", "weak_password"),
        ("password123456789", "breached_password"),
        ("Correct Horse Battery Staple", "breached_password"),
    ],
)
async def test_a_weak_password_is_refused_with_its_reason(
    house: People, password: str, code: str
) -> None:
    async with house.browser() as browser:
        answer = await house.ask(browser, "anna.example@example.com", password=password)
    told = answer.json()
    assert (answer.status_code, told["code"], told["field"]) == (422, code, "password")
    assert told["remedy"] and told["detail"]
    assert password not in answer.text
    assert await house.rows(Registration) == []


async def test_registering_leaves_one_event_with_time_network_place_and_device(
    house: People,
) -> None:
    async with house.browser() as browser:
        await house.register(browser, ANNA)
    (event,) = await house.rows(SecurityEvent)
    assert (event.kind, event.at) == ("registered", house.clock.now())
    assert (event.network, event.seen_country) == ("203.0.113.0/24", "Portugal")
    assert (event.seen_town, event.seen_town_id, event.seen_vicinity) == (None, None, None)
    assert event.device == "Chrome on Android"


async def test_letters_to_one_mailbox_are_limited_whoever_asks(house: People) -> None:
    answers: list[httpx.Response] = []
    for number in range(12):
        async with house.browser(f"203.0.{number}.1") as browser:
            answers.append(await house.ask(browser, ANNA))
    assert [it.status_code for it in answers] == [202] * 10 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 0
    assert len(house.letters(ANNA)) == 10


async def test_asking_from_one_network_is_limited_whatever_the_address(house: People) -> None:
    async with house.browser() as browser:
        statuses = [
            (await house.ask(browser, f"person{number}@example.com")).status_code
            for number in range(house.settings.tries_per_minute + 1)
        ]
    assert statuses == [202] * house.settings.tries_per_minute + [429]


async def test_guessing_codes_from_one_network_is_limited(house: People) -> None:
    async with house.browser() as browser:
        answers = [
            await _confirm(browser, f"reg_eu1_{number}", "123456")
            for number in range(house.settings.tries_per_minute + 1)
        ]
    assert [it.status_code for it in answers] == [410] * (len(answers) - 1) + [429]


async def test_a_password_is_nowhere_in_the_database(house: People) -> None:
    async with house.browser() as browser:
        asked = await house.ask(browser, ANNA)
        code = house.code_for(ANNA)
        (registration,) = await house.rows(Registration)
        assert registration.password_hash.startswith("$argon2id$")
        assert code not in registration.code_hash
        await _confirm(browser, asked.json()["registration_id"], code)
    (account,) = await house.rows(Account)
    assert account.password_hash == registration.password_hash
    assert PASSWORD not in str(account.model_dump())


async def _confirm(browser: httpx.AsyncClient, of: str, code: str) -> httpx.Response:
    return await browser.post(f"/v1/registrations/{of}/confirmation", json={"code": code})


def _other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def _shape(answer: httpx.Response) -> tuple[Any, ...]:
    body = answer.json()
    return (
        sorted(body),
        {name: len(value) for name, value in body.items()},
        sorted(name for name in answer.headers if name != "x-request-id"),
        len(answer.content),
    )


def _as_arguments(other: dict[str, Any]) -> dict[str, Any]:
    return {"to" if name == "email" else name: value for name, value in other.items()}
