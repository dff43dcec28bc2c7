"""What a law keeps, opened as somebody of the staff does."""

from typing import Any

from server.privacy.locking import opened_for
from server.support.tables import StaffMember
from tests.registry.world import World

OPENER = "stf_opener"


async def opened(world: World, locked_id: str, law: str) -> list[dict[str, Any]]:
    """The locked rows. Raises CannotOpen for a law that doesn't keep them, and then nobody was."""
    parts, now = world.house.foundation, world.clock.now()
    async with world.database.writing() as db:
        if await db.get(StaffMember, OPENER) is None:
            opener = StaffMember(id=OPENER, name="Opal", password_hash="-", created_at=now)
            db.add(opener)
            await db.flush()
        return await opened_for(db, parts.ids, OPENER, locked_id, law, now)
