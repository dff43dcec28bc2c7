"""What ends by itself is gone when its time is over, and not before."""

from server.accounts.forgetting import forget_overdue_accounts
from server.accounts.tables import Account, ProviderSignIn, RefreshToken, Registration, Session
from server.security.events import SecurityEvent
from server.security.forgetting import forget_overdue_events
from tests.people import People


async def _sweep(house: People) -> None:
    async with house.database.writing() as db:
        await forget_overdue_events(db, house.clock.now())
        await forget_overdue_accounts(db, house.clock.now())


async def test_an_events_network_goes_after_thirty_days_and_the_event_after_half_a_year(
    house: People,
) -> None:
    async with house.browser() as browser:
        await house.register(browser)
    house.clock.advance(days=30)
    await _sweep(house)
    (event,) = await house.rows(SecurityEvent)
    assert event.network == "203.0.113.0/24"
    house.clock.advance(seconds=1)
    await _sweep(house)
    (event,) = await house.rows(SecurityEvent)
    assert (event.network, event.seen_country) == (None, "Portugal")
    house.clock.advance(days=150)
    await _sweep(house)
    assert await house.rows(SecurityEvent) == []
    assert len(await house.rows(Account)) == 1


async def test_an_unconfirmed_registration_goes_with_its_code(house: People) -> None:
    async with house.browser() as browser:
        await house.ask(browser, "anna@example.com")
    await _sweep(house)
    assert len(await house.rows(Registration)) == 1
    house.clock.advance(seconds=house.settings.registration_s)
    await _sweep(house)
    assert await house.rows(Registration) == []


async def test_a_sign_in_goes_a_day_after_its_end_with_its_tokens(house: People) -> None:
    async with house.browser() as browser:
        await house.register(browser)
        await browser.post("/v1/sessions/refresh")
    house.clock.advance(days=2)
    await _sweep(house)
    assert len(await house.rows(RefreshToken)) == 2
    house.clock.advance(seconds=1)
    await _sweep(house)
    assert await house.rows(RefreshToken) == await house.rows(Session) == []


async def test_a_way_to_a_provider_goes_when_its_time_is_over(house: People) -> None:
    async with house.database.writing() as db:
        db.add(
            ProviderSignIn(
                state_hash="s", provider="p", browser_hash="b", expires_at=house.clock.now()
            )
        )
    await _sweep(house)
    assert await house.rows(ProviderSignIn) == []
