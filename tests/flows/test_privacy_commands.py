"""What an operator asks about privacy at the command line, on a real database."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from devices.registry.tables import Device, UsedAssertion
from server.command_line import app
from server.foundation.database import Database
from server.foundation.settings import BadSettings
from server.privacy.erasure.agreeing import EndNotAgreed, WhyNot
from server.privacy.receipts import Receipts
from server.privacy.reviews.reviewing import ReviewRefused
from server.security.signing_keys import SigningKey
from server.support.errors import WrongStaffCredentials
from tests.flows.server_process import secuhome
from tests.foundation.test_settings import PRODUCTION
from tests.house.sources import page

pytestmark = pytest.mark.flow
KEY = SigningKey.of(Ed25519PrivateKey.generate())
KEYS = json.dumps({"keys": [KEY.jwk()]})


@pytest.mark.parametrize("kind", ["json", "html"])
async def test_the_data_map_is_the_one_in_the_docs(kind: str):
    assert await secuhome("data-map", f"--{kind}") == (0, page(f"docs/data-map.{kind}"), "")


async def test_the_data_map_is_one_or_the_other():
    status, _, err = await secuhome("data-map", "--json", "--html")
    assert (status, "choose one" in err) == (2, True)


async def test_a_dry_run_names_what_a_run_deletes_and_deletes_nothing(tmp_path: Path):
    url = f"sqlite+aiosqlite:///{tmp_path}/db.sqlite"
    where = {"DATA_DIR": str(tmp_path), "DATABASE_URL": url}
    await secuhome("migrate", **where)
    now = datetime.now(UTC)
    database = Database(url)
    async with database.writing() as db:
        db.add(
            Device(
                id="cam_1",
                serial="SN-1",
                model="SH-C1",
                region="DE",
                public_key="{}",
                key_thumbprint="t",
                imported_at=now,
            )
        )
        await db.flush()
        for jti, hours in (("old", -1), ("young", 1)):
            expires_at = now + timedelta(hours=hours)
            db.add(UsedAssertion(device_id="cam_1", jti=jti, expires_at=expires_at))
    await database.close()
    told = "used_assertion          (whole rows)                     1\n"
    nothing = "nothing is over\n"
    for arguments, out in (
        (["--dry-run"], told),
        (["--dry-run"], told),
        ([], told),
        (["--dry-run"], nothing),
        ([], nothing),
    ):
        assert await secuhome("retention", *arguments, **where) == (0, out, "")


async def test_a_receipt_is_verified_by_the_servers_keys_and_by_a_saved_key_set(tmp_path: Path):
    receipt, keys = tmp_path / "receipt.jws", tmp_path / "jwks.json"
    receipt.write_text(Receipts((KEY,)).sign("consent-receipt", {"record_id": "con_1"}) + "\n")
    keys.write_text(KEYS)
    status, out, err = await secuhome("verify", str(receipt), "--keys", str(keys))
    assert (status, json.loads(out), err) == (
        0, {"kind": "consent-receipt", "record_id": "con_1"}, ""
    )  # fmt: skip
    status, out, err = await secuhome("verify", str(receipt), DATA_DIR=str(tmp_path))
    assert (status, out) == (1, "")  # the demo's own key signed nothing of that
    assert "its key is none of these" in err


@pytest.mark.parametrize(
    ("file", "keys", "told"),
    [
        ("absent", KEYS, "can't be read"),
        ("receipt.jws", KEYS, "no signed statement"),
        ("receipt.jws", '{"keys": []}', "no key set"),
        ("receipt.jws", "{}", "no key set"),
        ("receipt.jws", "[", "no key set"),
        ("receipt.jws", "[1]", "no key set"),
        ("receipt.jws", '{"keys": [1]}', "no key set"),
        ("receipt.jws", '{"keys": [{"kty": "OKP"}]}', "no key set"),
    ],
    ids=["absent", "no receipt", "no keys", "an object", "no JSON", "a list", "a number", "half"],
)
async def test_what_can_not_be_verified_is_told(tmp_path: Path, file: str, keys: str, told: str):
    (tmp_path / "receipt.jws").write_bytes(b"\xffhello")
    (tmp_path / "jwks.json").write_text(keys)
    status, out, err = await secuhome(
        "verify", str(tmp_path / file), "--keys", str(tmp_path / "jwks.json")
    )
    assert status != 0
    assert out == ""
    assert told in err
    assert "Traceback" not in err


def test_leaving_a_country_takes_two_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECUHOME_DATA_DIR", str(tmp_path))
    password = "violet ladder under tin rain"

    def said(*arguments: str, stdin: str = password) -> Any:
        return CliRunner().invoke(app, arguments, input=stdin)

    for arguments in (["migrate"], ["staff-add", "uma"], ["staff-add", "vic"]):
        assert said(*arguments).exit_code == 0
    leave = ("end-service", "--area", "PT", "--reason", "We leave Portugal.")
    assert said(*leave).output == "0 accounts; nothing was done, give --really\n"
    alone = said(*leave, "--really")
    assert (alone.exit_code, "it takes two people" in alone.output) == (2, True)
    guessed = said(*leave, "--really", "--by", "uma", stdin="guessed")
    assert isinstance(guessed.exception, WrongStaffCredentials)
    proposal = said(*leave, "--really", "--by", "uma").output.split()[-1]
    confirm = ("confirm-end", proposal, "--really", "--by")
    refused = said(*confirm, "uma").exception
    assert isinstance(refused, EndNotAgreed)
    assert refused.why is WhyNot.SAME_PERSON
    assert isinstance(said(*confirm, "vic", stdin="guessed").exception, WrongStaffCredentials)
    seen = said(*confirm[:2], "--by", "vic").output
    assert seen.startswith(
        "0 accounts of PT (0 when proposed): We leave Portugal.\nnothing was done"
    )
    assert said(*confirm, "vic").output == "0 accounts ended; the server erases them\n"


def test_no_command_empties_a_database_in_production(monkeypatch: pytest.MonkeyPatch):
    for name, value in PRODUCTION.items():
        given = value if isinstance(value, str) else json.dumps(value)
        monkeypatch.setenv(f"SECUHOME_{name.upper()}", given)
    refused = CliRunner().invoke(app, ["migrate", "--down-to", "base"])
    assert isinstance(refused.exception, BadSettings)
    assert "doesn't drop the tables" in str(refused.exception)


def test_reviews_are_written_down_and_findings_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SECUHOME_DATA_DIR", str(tmp_path))

    def said(*arguments: str, stdin: str = "violet ladder under tin rain") -> Any:
        return CliRunner().invoke(app, arguments, input=stdin)

    for arguments in (["migrate"], ["staff-add", "uma"]):
        assert said(*arguments).exit_code == 0
    record = ("reviews", "record", "physical", "--by", "uma", "--summary", "Saw doors and keys.")
    found = said(*record, "--finding", "A door stands open.")
    assert found.output.startswith("physical is reviewed\nfnd_")
    finding = found.output.split()[3].rstrip(":")
    assert isinstance(said(*record, stdin="guessed").exception, WrongStaffCredentials)
    listed = said("reviews", "list").output.splitlines()
    assert [it.split()[1:3] for it in listed[1:4]] == [["never", "now"]] * 3
    assert "overdue" not in listed[4]
    assert listed[5].startswith(f"{finding}  physical  ")
    close = ("reviews", "close", finding, "--by", "uma", "--action")
    assert isinstance(said(*close, "done").exception, ReviewRefused)
    assert said(*close, "The door closes by itself now.").output == f"{finding} is closed\n"
    assert len(said("reviews", "list").output.splitlines()) == 5
