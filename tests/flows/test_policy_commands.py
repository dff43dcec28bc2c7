"""Versions of the policy at the command line, and what a start makes of changed contacts."""

from pathlib import Path
from typing import Final

import httpx
import pytest

from server.privacy.editions import FOLDER, PUBLISHED, fingerprint, load_editions
from tests.flows.server_process import running_server, secuhome

pytestmark = pytest.mark.flow

NEWEST: Final = load_editions()[-1]
LATER: Final = "2030-05-01"


async def test_the_comparison_of_this_release_finds_nothing_that_weighs() -> None:
    status, out, err = await secuhome("policy", "compare")
    assert (status, err) == (0, "")
    assert out.startswith(f"version {NEWEST.version}, ")
    assert "material" not in out


async def test_a_new_version_begins_as_a_draft_and_is_recorded_until_it_is_published(
    tmp_path: Path,
) -> None:
    folder, where = tmp_path / "policy", ("--folder", str(tmp_path / "policy"))
    folder.mkdir()
    for path in FOLDER.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    for wrong in (NEWEST.version, "tomorrow", "2001-01-01"):
        status, _, err = await secuhome("policy", "record", "--version", wrong, *where)
        assert (status, "give a day after" in err) == (2, True)
    status, out, _ = await secuhome("policy", "record", "--version", LATER, *where)
    assert (status, f"draft {LATER}" in out) == (0, True)
    text = folder / f"{LATER}.html"
    assert text.read_text() == NEWEST.html
    text.write_text(NEWEST.html + "<p>And more.</p>\n")

    status, out, _ = await secuhome("policy", "record", *where)  # the draft again, not another one
    assert (status, f"draft {LATER}" in out) == (0, True)
    row = fingerprint((folder / f"{LATER}.json").read_bytes())
    assert f'"{LATER}": "{row}",' in out
    assert load_editions(folder, PUBLISHED)[-1].published is False
    published = load_editions(folder, {**PUBLISHED, LATER: row})[-1]
    assert (published.published, published.html) == (True, text.read_text())


def production(folder: Path) -> dict[str, str]:
    """Settings of a production server over what a demo has left in the folder."""
    return {
        "MODE": "production",
        "PUBLIC_URL": "https://home.example",
        "SIGNING_KEY_PATH": str(folder / "signing_key.pem"),
        "MASTER_KEY_PATH": str(folder / "master.key"),
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/secuhome.sqlite",
        "MAIL_SMTP_HOST": "127.0.0.1",
        "MAIL_SENDER": "SecuHome <no-reply@home.example>",
        "GEOIP_PATH": str(folder / "nowhere.mmdb"),
        "TRUSTED_PROXIES": '["10.0.0.0/8"]',
        "CONTACT_EMAIL": "data@home.example",
    }


async def test_production_starts_with_a_changed_contact_only_after_a_notice(
    tmp_path: Path,
) -> None:
    async with running_server(tmp_path):  # makes the keys and the database
        pass
    usual = production(tmp_path)
    first = usual | {"CONTACT_POSTAL_ADDRESS": "Home Street 1"}
    changed = usual | {"CONTACT_POSTAL_ADDRESS": "Home Street 2"}
    told = changed | {"CONTACT_NOTICE": "letter of 1 December"}

    async with running_server(tmp_path, **first):
        pass
    status, _, err = await secuhome("serve", **changed)
    assert (status, err.strip().splitlines()[-1].partition(":")[0]) == (
        1,
        "SECUHOME_CONTACT_NOTICE",
    )
    assert "Home Street" not in err
    async with running_server(tmp_path, **told) as server:
        port = server.env["SECUHOME_HTTP_PORT"]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            policy = (await http.get("/v1/policy")).json()
    assert (policy["version"], policy["html"]) == (f"{NEWEST.version}.2", NEWEST.html)
    assert policy["contact"]["postal_address"] == "Home Street 2"
