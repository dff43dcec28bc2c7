"""The counter where people ask, over the whole server, on both databases."""

from tests.privacy.cases.conftest import counter, database_kind, database_url, postgres_address

__all__ = ["counter", "database_kind", "database_url", "postgres_address"]
