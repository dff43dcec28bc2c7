"""Signed tokens for a bench: its own key in its own folder, which the servers under test read."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from server.foundation.clock import SystemClock
from server.foundation.settings import Settings
from server.security.call_tickets import CallTickets
from server.security.signing_keys import load_signing_keys
from server.security.tokens import TokenDesk

LASTS: Final = timedelta(minutes=10)


def token_desk(folder: Path) -> TokenDesk:
    """The desk that issues and verifies; the first who asks makes the key."""
    settings = Settings(data_dir=folder)
    keys = load_signing_keys(settings)
    return TokenDesk(keys, settings.public_url, SystemClock(), LASTS, settings.cell)


def call_tickets(folder: Path) -> CallTickets:
    """The tickets of running calls, under the same key."""
    settings = Settings(data_dir=folder)
    return CallTickets(load_signing_keys(settings), settings.cell, SystemClock())
