"""What was held for a purpose alone goes when the purpose does. Read from the labels.

The use ends at once in any case: whoever uses a value asks for its purpose first.
"""

from datetime import datetime

from server.foundation.database import Db
from server.privacy.deleting import delete_values
from server.privacy.deletion_work import parts_where
from server.privacy.purposes import DeclaredPurpose


async def delete_what_served(
    db: Db, account_id: str, purpose: DeclaredPurpose, now: datetime
) -> None:
    """Delete the account's values that are labelled for this purpose.

    A row that can't do without one goes whole. What serves other purposes stays; what a legal hold
    keeps goes when it is over.
    """
    parts = parts_where(lambda _, label: label.why in purpose.covers)
    await delete_values(db, account_id, parts, now)
