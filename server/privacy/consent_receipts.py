"""What a receipt of a choice says, after the sections of ISO/IEC TS 27560:2023.

Header, processing, parties and event, in the standard's order. It names nobody: the person is a
pseudonym, the same in all receipts of one account, from which the account can't be found out.
"""

from typing import Any, Final

from server.foundation.settings import Settings
from server.privacy.consent_rules import Link
from server.privacy.purposes import DeclaredPurpose
from server.privacy.use_matrix import labels_by_column, uses_of

KIND: Final = "consent-receipt"
SCHEMA: Final = "ISO/IEC TS 27560:2023, secuhome 1"


def members_of(
    row: Link, purpose: DeclaredPurpose, pseudonym: str, chain: bytes, settings: Settings
) -> dict[str, Any]:
    """The members of the receipt for this choice."""
    return {
        "schema_version": SCHEMA,
        "record_id": row.id,
        "pii_principal_id": pseudonym,
        "privacy_notice": {
            "policy_version": row.policy_version,
            "policy_url": f"{settings.public_url}/v1/policy/versions/{row.policy_version}",
            "text_sha256": row.text_sha256,
            "language": "en",
        },
        "processing": {
            "purpose": purpose.code,
            "purpose_title": purpose.title,
            "purpose_description": purpose.explanation,
            "lawful_basis": purpose.basis.value,
            "pii_categories": categories_of(purpose),
            "withdrawal": f"PUT {settings.public_url}/v1/privacy/purposes/{purpose.code}, or the "
            f"switch on the page {settings.public_url}/app/#/privacy",
        },
        "pii_controller": {
            "name": settings.controller_name,
            "email": settings.contact_email,
            "address": settings.contact_postal_address,
            "url": settings.public_url,
        },
        "event": {
            "state": row.state,
            "time": row.at.isoformat(),
            "number": row.number,
            "chain": chain.hex(),
        },
    }


def categories_of(purpose: DeclaredPurpose) -> list[str]:
    """What kinds of data the purpose uses, as the labels of all tables have it."""
    labels = labels_by_column()
    return sorted({labels[name].category for name in uses_of([purpose])[purpose.code]})
