"""The policy: read by everybody, accepted word for word, asked about before every use."""

import asyncio
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from server.foundation.identity import Kind
from server.privacy.editions import FOLDER, AlteredPolicy, Edition, fingerprint, load_editions
from server.privacy.policy_rules import in_force
from server.privacy.tables import PolicyAcceptance
from server.security.events import SecurityEvent
from tests.people import People, bearer, people
from tests.privacy.declaring import FIRST, edition, with_more

LATER = edition(2027, with_more())


async def _accept(
    browser: httpx.AsyncClient, session: dict[str, Any], edition: Edition, **other: Any
) -> httpx.Response:
    body = {"version": edition.version, "sha256": edition.sha256, **other}
    return await browser.post("/v1/policy/acceptance", json=body, headers=bearer(session))


async def test_everybody_reads_the_policy_before_any_use(house: People) -> None:
    async with house.browser() as stranger:
        answer = await stranger.get("/v1/policy")
    told = answer.json()
    assert answer.status_code == 200
    assert told["sha256"] == hashlib.sha256(told["html"].encode()).hexdigest()
    assert told["html"].count("<strong>") >= 10
    assert told["changes"] == []  # who is new is told of no changes
    assert told["contact"] == {
        "department": house.settings.contact_department,
        "email": house.settings.contact_email,
        "postal_address": house.settings.contact_postal_address,
    }
    assert (told["version"], told["language"]) == (FIRST.version, "en")
    assert await house.rows(PolicyAcceptance) == []  # reading accepts nothing


def test_the_text_has_its_ten_sections_each_with_weighty_words() -> None:
    sections = re.split(r'<h2 id="s(\d+)">', FIRST.html)[1:]
    assert sections[::2] == [str(number) for number in range(1, 11)]
    for text in sections[1::2]:
        assert "<strong>" in text


async def test_an_unknown_version_is_unknown(house: People) -> None:
    async with house.browser() as stranger:
        known = await stranger.get(f"/v1/policy/versions/{FIRST.version}")
        assert known.json() == (await stranger.get("/v1/policy")).json()
        unknown = await stranger.get("/v1/policy/versions/2020-01-01")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_policy_version")
        assert (await stranger.get("/v1/policy/versions/..%2Ferrors")).status_code in (404, 422)


async def test_nothing_goes_before_acceptance_and_then_it_does(house: People) -> None:
    async with house.browser() as browser:
        session = await house.register(browser)
        shut = await browser.get("/gated/person", headers=bearer(session))
        assert (shut.status_code, shut.json()["code"]) == (403, "policy_not_accepted")
        for open_before in ("/v1/policy", "/v1/account", "/v1/account/history"):
            assert (await browser.get(open_before, headers=bearer(session))).status_code == 200
        accepted = await _accept(browser, session, FIRST)
        assert accepted.status_code == 201
        assert (await browser.get("/gated/person", headers=bearer(session))).status_code == 200
        again = (await browser.post("/v1/sessions/refresh")).json()
        assert (session["policy_accepted"], again["policy_accepted"]) == (False, True)


async def test_one_persons_acceptance_opens_nothing_for_another(house: People) -> None:
    async with house.browser() as browser:
        await _accept(browser, await house.register(browser), FIRST)
        other = await house.register(browser)
        assert (await browser.get("/gated/person", headers=bearer(other))).status_code == 403


async def test_the_gate_is_for_people_only(house: People) -> None:
    async with house.browser() as browser:
        camera = house.tokens.issue(Kind.CAMERA, "cam_eu1_1", "")
        assert (await browser.get("/gated/camera", headers=bearer(camera))).status_code == 200
        assert (await browser.get("/gated/camera")).status_code == 401


async def test_an_acceptance_stores_version_fingerprint_and_time(house: People) -> None:
    async with house.browser() as browser:
        session = await house.register(browser)
        house.clock.advance(minutes=3)
        told = (await _accept(browser, session, FIRST)).json()
        first = house.clock.now()
        house.clock.advance(minutes=3)
        again = await _accept(browser, session, FIRST)
    (row,) = await house.rows(PolicyAcceptance)
    assert (row.version, row.sha256, row.accepted_at) == (FIRST.version, FIRST.sha256, first)
    assert told["version"] == FIRST.version
    assert datetime.fromisoformat(told["accepted_at"]) == first
    assert (again.status_code, again.json()) == (201, told)
    kinds = [it.kind for it in await house.rows(SecurityEvent)]
    assert kinds.count("policy_accepted") == 1


async def test_accepting_twice_at_once_stores_one_acceptance(house: People) -> None:
    async with house.browser() as browser:
        session = await house.register(browser)
        answers = await asyncio.gather(*(_accept(browser, session, FIRST) for _ in range(4)))
    assert [it.status_code for it in answers] == [201] * 4
    assert len(await house.rows(PolicyAcceptance)) == 1


@pytest.mark.parametrize(
    ("other", "status", "code"),
    [
        ({"version": "2020-01-01"}, 409, "policy_not_in_force"),
        ({"sha256": "0" * 64}, 422, "policy_text_differs"),
        ({"marketing": True}, 422, "invalid_request"),
        ({"version": "latest"}, 422, "invalid_request"),
    ],
    ids=str,
)
async def test_only_the_text_in_force_can_be_accepted(
    house: People, other: dict[str, Any], status: int, code: str
) -> None:
    async with house.browser() as browser:
        answer = await _accept(browser, await house.register(browser), FIRST, **other)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await house.rows(PolicyAcceptance) == []


async def test_nobody_accepts_for_a_camera_or_for_nobody(house: People) -> None:
    async with house.browser() as browser:
        camera = {"access_token": house.tokens.issue(Kind.CAMERA, "cam_eu1_1", "")}
        assert (await _accept(browser, camera, FIRST)).json()["code"] == "wrong_kind_of_caller"
        nobody = {"access_token": "made-up"}
        assert (await _accept(browser, nobody, FIRST)).json()["code"] == "bad_token"


async def test_a_new_version_is_asked_for_and_the_old_one_stays_readable(
    tmp_path: Path, database_url: str
) -> None:
    async with (
        people(tmp_path, database_url, editions=(FIRST, LATER)) as house,
        house.browser() as browser,
    ):
        session = await house.register(browser, "anna@example.com")
        assert (await _accept(browser, session, LATER)).status_code == 409  # not its day yet
        await _accept(browser, session, FIRST)
        house.clock.advance(days=100)
        later = (await house.sign_in(browser, "anna@example.com")).json()
        assert later["policy_accepted"] is False
        assert (await browser.get("/gated/person", headers=bearer(later))).status_code == 403
        assert (await _accept(browser, later, FIRST)).status_code == 409
        assert (await _accept(browser, later, LATER)).status_code == 201
        assert (await browser.get("/gated/person", headers=bearer(later))).status_code == 200
        old = (await browser.get(f"/v1/policy/versions/{FIRST.version}")).json()
        assert old["html"] == FIRST.html
        assert (await browser.get("/v1/policy")).json()["html"] == LATER.html
    assert LATER.sha256 != FIRST.sha256


async def test_the_database_refuses_to_rewrite_an_acceptance(house: People) -> None:
    async with house.browser() as browser:
        await _accept(browser, await house.register(browser), FIRST)
    with pytest.raises(DBAPIError, match="append-only"):
        async with house.database.writing() as db:
            (row,) = await house.rows(PolicyAcceptance)
            row.accepted_at = row.accepted_at - timedelta(days=1)
            await db.merge(row)
    (row,) = await house.rows(PolicyAcceptance)
    assert row.accepted_at == house.clock.now()


@pytest.mark.parametrize("ending", ["html", "json"])
def test_a_changed_letter_stops_the_start(tmp_path: Path, ending: str) -> None:
    version = FIRST.version
    for path in FOLDER.glob(f"{version}.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    published = {version: fingerprint((FOLDER / f"{version}.json").read_bytes())}
    assert load_editions(tmp_path, published)[0].html == FIRST.html
    altered = tmp_path / f"{version}.{ending}"
    altered.write_bytes(altered.read_bytes().replace(b"use", b"sue", 1))
    with pytest.raises(AlteredPolicy, match=version):
        load_editions(tmp_path, published)


def test_only_the_newest_version_may_be_a_draft(tmp_path: Path) -> None:
    for path in FOLDER.glob(f"{FIRST.version}.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert [it.published for it in load_editions(tmp_path, {})] == [False]
    (tmp_path / "2030-01-01.json").write_bytes(b"{}")
    with pytest.raises(AlteredPolicy, match=f"{FIRST.version}: neither published nor the newest"):
        load_editions(tmp_path, {})


@given(
    days=st.lists(st.integers(0, 1000), min_size=1, max_size=6, unique=True).map(sorted),
    now=st.integers(-10, 1010),
)
def test_the_newest_version_whose_day_has_come_counts(days: list[int], now: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    editions = [
        replace(FIRST, version=str(day), in_force_since=start + timedelta(days=day)) for day in days
    ]
    found = in_force(editions, start + timedelta(days=now))
    come = [day for day in days if day <= now]
    assert found.version == str(max(come) if come else days[0])
