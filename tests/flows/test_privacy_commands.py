"""What an operator asks about privacy at the command line, on a real database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devices.registry.tables import Device, UsedAssertion
from server.foundation.database import Database
from tests.flows.server_process import secuhome
from tests.house.sources import page

pytestmark = pytest.mark.flow


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
