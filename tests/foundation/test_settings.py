"""Settings: whole and final at the start, or no start, with the name and the remedy."""

from typing import Any

import pytest

from server.foundation.settings import BadSettings, load_settings

PRODUCTION: dict[str, Any] = {
    "mode": "production",
    "public_url": "https://app.secuhome.example",
    "signing_key_path": "/keys/signing.pem",
    "master_key_path": "/keys/master.key",
    "mail_smtp_host": "smtp.example.com",
    "geoip_path": "/data/city.mmdb",
    "trusted_proxies": ["10.0.0.0/8"],
    "database_url": "postgresql+asyncpg://db/secuhome",
    "contact_email": "privacy@example.com",
    "contact_postal_address": "1 High Street, Lisbon",
    "mail_sender": "SecuHome <no-reply@example.com>",
}


def test_nothing_has_to_be_set_for_the_demo() -> None:
    settings = load_settings()
    assert settings.mode == "demo"
    assert settings.database == "sqlite+aiosqlite:///var/secuhome.sqlite"
    assert settings.signaling_address == "ws://127.0.0.1:8081/signal"
    assert not settings.secure


def test_production_starts_with_all_that_it_needs() -> None:
    settings = load_settings(**PRODUCTION)
    assert settings.secure
    assert settings.signaling_address == "wss://app.secuhome.example/signal"


@pytest.mark.parametrize("left", sorted(set(PRODUCTION) - {"mode"}))
def test_production_names_what_it_lacks(left: str) -> None:
    given = {name: value for name, value in PRODUCTION.items() if name != left}
    with pytest.raises(BadSettings, match=f"SECUHOME_{left.upper()}: .{{10,}}"):
        load_settings(**given)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mode", "test"),
        ("cell", "Europe!"),
        ("public_url", "app.secuhome.example"),
        ("public_url", "https://app.secuhome.example/"),
        ("http_port", "70000"),
        ("access_token_s", "601"),
        ("access_token_s", "0"),
        ("engine", "redis"),
        ("trusted_proxies", '["everybody"]'),
        ("providers", '[{"name": "x"}]'),
        ("registration_tries", "11"),
    ],
)
def test_an_unfit_value_stops_the_start_and_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"SECUHOME_{name.upper()}", value)
    with pytest.raises(BadSettings, match=f"SECUHOME_{name.upper()}"):
        load_settings()


def test_a_misspelt_variable_is_not_silently_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECUHOME_PUBLIC_ULR", "https://app.secuhome.example")
    with pytest.raises(BadSettings, match="SECUHOME_PUBLIC_ULR"):
        load_settings()


def test_no_secret_shows_in_a_refusal_or_in_the_settings_own_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECUHOME_MAIL_SMTP_PASSWORD", "canary-password")
    row = '{"name": "p", "title": "P", "issuer": "i", "client_id": "c", "client_secret": "canary"}'
    monkeypatch.setenv("SECUHOME_PROVIDERS", f"[{row}]")
    settings = load_settings()
    assert settings.providers[0].client_secret.get_secret_value() == "canary"
    assert "canary" not in repr(settings) + str(settings)
    monkeypatch.setenv("SECUHOME_PROVIDERS", f"[{row.replace('client_id', 'canary-member')}]")
    with pytest.raises(BadSettings) as refused:
        load_settings()
    assert "canary" not in str(refused.value)
    assert refused.value.__suppress_context__
