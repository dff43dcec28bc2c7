"""A copy of an export or a receipt: is it ours, and as we gave it out?"""

import json
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest

from server.privacy.verifying import StatementRefused, read_export, read_statement
from tests.people import PASSWORD, People, bearer
from tests.receipt_reader.process import read

Files = dict[str, bytes]


@dataclass(frozen=True)
class Given:
    """An export as it was given out, and our published keys."""

    path: Path
    jwks: dict[str, Any]
    account_id: str
    token: str

    @property
    def keys(self) -> dict[str, jwt.PyJWK]:
        """By their ids."""
        return {str(it.key_id): it for it in jwt.PyJWKSet.from_dict(self.jwks).keys}

    def files(self) -> Files:
        """What is in the archive."""
        with zipfile.ZipFile(self.path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def again(self, files: Files) -> None:
        """Pack it anew with these."""
        with zipfile.ZipFile(self.path, "w") as archive:
            for name, body in files.items():
                archive.writestr(name, body)


@pytest.fixture
async def given(house: People, tmp_path: Path) -> AsyncIterator[Given]:
    """The export of somebody who has just registered."""
    async with house.browser() as browser:
        session = await house.register(browser)
        proof = {"password": PASSWORD}
        answer = await browser.post("/v1/privacy/export", json=proof, headers=bearer(session))
        assert answer.status_code == 200, answer.text
        jwks = (await browser.get("/.well-known/jwks.json")).json()
    path = tmp_path / "export.zip"
    path.write_bytes(answer.content)
    yield Given(path, jwks, session["account_id"], session["access_token"])


async def test_an_export_holds_and_says_whose_and_when(given: Given):
    told = read_export(given.path, given.keys)
    assert told.kind == "export-signature"
    assert told.members["account_id"] == given.account_id
    assert told.members["made_at"] == json.loads(given.files()["data.json"])["made_at"]
    lengths = {name: it["bytes"] for name, it in told.members["files"].items()}
    assert lengths == {
        name: len(body) for name, body in given.files().items() if name != "signature.jws"
    }


async def test_its_signature_is_read_by_somebody_elses_library(given: Given):
    signature = given.files()["signature.jws"].decode()
    told = await read(given.jwks, signature, "secuhome-export-signature+jws")
    assert told["members"] == read_export(given.path, given.keys).members


def _change(files: Files) -> Files:
    return files | {"data.json": files["data.json"].replace(b'"PT"', b'"DE"')}


def _blot(files: Files) -> Files:
    signature = files["signature.jws"]
    return files | {"signature.jws": signature[:-24] + b"AAAA" + signature[-20:]}


CHANGES: dict[str, tuple[Callable[[Files], Files], str]] = {
    "a value": (_change, "data.json was changed"),
    "a file less": (lambda it: {n: b for n, b in it.items() if n != "index.html"}, "other files"),
    "a file more": (lambda it: it | {"note.txt": b"hello"}, "other files"),
    "no signature": (lambda it: {"data.json": it["data.json"]}, "has no signature.jws"),
    "no statement": (lambda it: it | {"signature.jws": b"hello"}, "no signed statement"),
    "not in ASCII": (lambda it: it | {"signature.jws": b"\xff\xfe"}, "can't be read"),
    "its end": (
        lambda it: it | {"signature.jws": it["signature.jws"][:-8]},
        "no signed|doesn't hold",
    ),
    "four letters of it": (_blot, "doesn't hold"),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_changed_copy_is_refused(given: Given, name: str):
    change, told = CHANGES[name]
    changed = change(given.files())
    assert changed != given.files()
    given.again(changed)
    with pytest.raises(StatementRefused, match=told):
        read_export(given.path, given.keys)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.99])
async def test_a_copy_that_was_cut_off_is_refused(given: Given, part: float):
    whole = given.path.read_bytes()
    given.path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(StatementRefused, match="cut off"):
        read_export(given.path, given.keys)


async def test_a_bit_that_fell_over_is_refused(given: Given):
    """Wherever it is in what was signed, and however it breaks the archive."""
    whole = given.path.read_bytes()
    places = range(0, len(whole), len(whole) // 200)
    refused = [place for place in places if is_refused(given, whole, place, 1)]
    assert len(refused) > 0.9 * len(places)  # the rest are times and other things around the files
    for place in range(len(whole) - 300, len(whole)):  # lengths and places of its directory
        for bit in (1, 128):
            is_refused(given, whole, place, bit)


def is_refused(given: Given, whole: bytes, place: int, bit: int) -> bool:
    """Whether the export is, once this bit of it has fallen over. Raises what it shouldn't."""
    changed = bytearray(whole)
    changed[place] ^= bit
    given.path.write_bytes(changed)
    try:
        read_export(given.path, given.keys)
    except StatementRefused:
        return True
    return False


async def test_without_our_key_nothing_holds(given: Given):
    with pytest.raises(StatementRefused, match="from another service"):
        read_export(given.path, {})


async def test_a_token_is_no_statement(given: Given):
    """It is signed by the same key, and says nothing about anybody's data."""
    with pytest.raises(StatementRefused, match="no statement of ours"):
        read_statement(given.token, given.keys)
