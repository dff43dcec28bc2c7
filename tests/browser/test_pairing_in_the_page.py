"""The page's half of pairing by light against the camera's half."""

import pytest
from playwright.async_api import Page

from signaling.protocol.pairing_code import PairingCode, proof_of

pytestmark = pytest.mark.browser

CAMERA_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
KEY_OF = """async (account) => {
    const { phoneKey, thumbprint } = await import("/app/phone_key.js");
    const key = await phoneKey(account);
    return { ...key, thumbprint: await thumbprint(key) };
}"""
THUMBPRINT = """async (key) => (await import("/app/phone_key.js")).thumbprint(key)"""
FITS = """async ({ offer, camera }) => (await import("/app/pairing.js")).proofFits(offer, camera)"""


def code(phone: str, secret: bytes = bytes(range(16))) -> PairingCode:
    return PairingCode("https://home.example", "token-of-the-server", secret, phone)


def secret_of(code: PairingCode) -> str:
    return code.text().split("|")[3]


async def judged(page: Page, offer: PairingCode, proof: str) -> bool:
    shown = {"token": offer.token, "secret": secret_of(offer), "phone": offer.phone_thumbprint}
    camera = {"id": "cam_1", "key": CAMERA_KEY, "proof": proof}
    return await page.evaluate(FITS, {"offer": shown, "camera": camera})


async def test_the_camera_reads_the_text_that_the_page_writes(lone_page: Page):
    key = await lone_page.evaluate(KEY_OF, "acc_1")
    offer = code(key["thumbprint"])
    text = await lone_page.evaluate(
        """async (parts) => (await import("/app/pairing.js")).codeText(...parts)""",
        [offer.server, offer.token, secret_of(offer), offer.phone_thumbprint],
    )
    assert text == offer.text()
    assert PairingCode.read(text) == offer


async def test_the_page_believes_the_camera_that_read_its_code_and_no_other(lone_page: Page):
    phone = (await lone_page.evaluate(KEY_OF, "acc_1"))["thumbprint"]
    camera = await lone_page.evaluate(THUMBPRINT, CAMERA_KEY)
    other = code(phone, secret=bytes(16))
    assert await judged(lone_page, code(phone), proof_of(code(phone), camera))
    assert not await judged(lone_page, code(phone), proof_of(other, camera))
    assert not await judged(lone_page, code(phone), proof_of(code(phone), phone))
    assert not await judged(lone_page, code(phone), "not base64url!")


async def test_a_browser_keeps_one_key_for_each_account_and_nobody_can_copy_it(lone_page: Page):
    """A key that a script can read is a key that the next cross-site script takes along."""
    first = await lone_page.evaluate(KEY_OF, "acc_1")
    await lone_page.reload()
    assert await lone_page.evaluate(KEY_OF, "acc_1") == first
    assert (await lone_page.evaluate(KEY_OF, "acc_2"))["x"] != first["x"]
    assert set(first) == {"kty", "crv", "x", "y", "thumbprint"}
    refused = await lone_page.evaluate(
        """() => new Promise((resolve) => {
            indexedDB.open("secuhome").onsuccess = ({ target: { result: database } }) => {
                const store = database.transaction("phone_keys").objectStore("phone_keys");
                store.get("acc_1").onsuccess = ({ target: { result: pair } }) =>
                    crypto.subtle.exportKey("jwk", pair.privateKey)
                        .then(() => resolve("copied"), (fault) => resolve(fault.name));
            };
        })"""
    )
    assert refused == "InvalidAccessError"
