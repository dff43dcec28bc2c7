"""What a browser really keeps, and what it sends and hears by its own record of the wire."""

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.async_api import Page

# What the browser makes itself, without asking anybody.
NOWHERE: Final = ("blob", "data", "about", "chrome-error")

DATABASES = """async () => {
    const names = (await indexedDB.databases()).map((one) => one.name);
    const stores = await Promise.all(names.map((name) => new Promise((resolve) => {
        indexedDB.open(name).onsuccess = ({ target: { result } }) => {
            resolve([...result.objectStoreNames]);
            result.close();
        };
    })));
    return stores.flat();
}"""
ELSEWHERE = """async () => ({
    local: localStorage.length, session: sessionStorage.length,
    caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length, cookie: document.cookie,
})"""
NOTHING: Final = {"local": 0, "session": 0, "caches": 0, "workers": 0, "cookie": ""}


@dataclass
class Wire:
    """Names of headers, in small letters, and the origins that were asked."""

    sent: set[str] = field(default_factory=set[str])
    heard: set[str] = field(default_factory=set[str])
    asked: set[str] = field(default_factory=set[str])
    cookies: set[str] = field(default_factory=set[str])

    async def listen_to(self, page: Page) -> None:
        """From now on, all that this page does."""
        session = await page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", lambda told: self._goes(told["request"]["url"]))
        session.on("Network.webSocketCreated", lambda told: self._goes(told["url"]))
        for event, names, where in (
            ("Network.requestWillBeSentExtraInfo", self.sent, None),
            ("Network.responseReceivedExtraInfo", self.heard, None),
            ("Network.webSocketWillSendHandshakeRequest", self.sent, "request"),
        ):
            session.on(event, self._noting(names, where))
        await session.send("Network.enable")

    def _goes(self, url: str) -> None:
        if (parts := urlsplit(url)).scheme not in NOWHERE:
            self.asked.add(parts.netloc)

    def _noting(self, names: set[str], where: str | None) -> Any:
        def note(told: dict[str, Any]) -> None:
            headers = (told[where] if where else told)["headers"]
            names.update(name.lower() for name in headers if not name.startswith(":"))
            lines = next((v for n, v in headers.items() if n.lower() == "set-cookie"), "")
            self.cookies.update(line.split("=", 1)[0] for line in lines.splitlines())

        return note


async def kept(page: Page) -> set[str]:
    """What this browser keeps of us, by name."""
    cookies = {str(cookie.get("name")) for cookie in await page.context.cookies()}
    assert await page.evaluate(ELSEWHERE) == NOTHING
    return cookies | set(await page.evaluate(DATABASES))
