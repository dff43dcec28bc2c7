"""The account and its history, to its owner and to nobody else."""

from server.security.events import EventKind, note
from tests.people import People, bearer


async def test_the_owner_reads_each_use_newest_first(house: People) -> None:
    async with house.browser() as browser:
        session = await house.register(browser, "anna@example.com")
        house.clock.advance(hours=1)
        moved = {"x-forwarded-for": "2001:db8:1:2::3"}
        await browser.post("/v1/sessions/refresh", headers=moved)
        house.clock.advance(minutes=1)
        unknown = {"x-forwarded-for": "192.0.2.1", "user-agent": "curl/8"}
        fresh = (await browser.post("/v1/sessions/refresh", headers=unknown)).json()
        told = (await browser.get("/v1/account/history", headers=bearer(fresh))).json()
    assert session["account_id"] == fresh["account_id"]
    assert [it["text"] for it in told["events"]] == [
        "Used the account",
        "Used the account",
        "Registered this account",
    ]
    newest, middle, oldest = told["events"]
    assert (newest["place"], newest["network"]) == ("unknown", "192.0.2.0/24")
    assert newest["device"] == "Unknown"
    assert (middle["place"], middle["network"]) == ("Portugal", "2001:db8:1::/48")
    assert oldest["place"] == "Portugal"
    assert told["next"] is None


async def test_a_long_history_comes_in_pages(house: People) -> None:
    async with house.browser() as browser:
        session = await house.register(browser, "anna@example.com")
        async with house.database.writing() as db:
            for number in range(120):
                await note(
                    db,
                    id=f"evt_eu1_0{number:025}",  # older than any real one
                    account_id=session["account_id"],
                    kind=EventKind.CAMERA_PAIRED,
                    at=house.clock.now(),
                    about=f"camera {number} {{about}}",
                )
        seen: list[str] = []
        sizes: list[int] = []
        before = ""
        while before is not None:
            query = {"before": before} if before else {}
            page = (
                await browser.get("/v1/account/history", params=query, headers=bearer(session))
            ).json()
            seen += [it["text"] for it in page["events"]]
            sizes.append(len(page["events"]))
            before = page["next"]
    assert sizes == [50, 50, 21]
    numbers = [f"Added the camera camera {n} {{about}}" for n in reversed(range(120))]
    assert seen == ["Registered this account", *numbers]


async def test_nobody_reads_anothers_history(house: People) -> None:
    async with house.browser() as anna, house.browser() as ben:
        of_anna = await house.register(anna)
        of_ben = await house.register(ben)
        hers = (await anna.get("/v1/account/history", headers=bearer(of_anna))).json()["events"]
        his = (await ben.get("/v1/account/history", headers=bearer(of_ben))).json()["events"]
        # somebody else's event as a page mark opens nothing either
        mark = {"before": hers[0]["id"]}
        more = await ben.get("/v1/account/history", params=mark, headers=bearer(of_ben))
    assert len(hers) == len(his) == 1
    assert hers[0]["id"] not in str(his) + more.text.replace(mark["before"], "", 0)


async def test_an_unfit_page_mark_is_refused(house: People) -> None:
    async with house.browser() as browser:
        session = await house.register(browser)
        for mark in ("", "evt_\x00", "' or 1=1", "acc_eu1_0"):
            answer = await browser.get(
                "/v1/account/history", params={"before": mark}, headers=bearer(session)
            )
            assert answer.status_code == 422
