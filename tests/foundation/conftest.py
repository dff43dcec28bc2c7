"""Both databases, empty."""

from tests.databases import database_kind, database_url, postgres_address

__all__ = ["database_kind", "database_url", "postgres_address"]
