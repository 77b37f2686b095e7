"""Which webhook secrets stop the start, because a stranger could guess them."""

import secrets

import pytest

from app.core.secret_strength import is_weak_secret


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "k7Qw-Zr4Tn9s_Xb",  # 15 characters
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "A" * 31 + "1",
        "abababababababababab",
        "abc123abc123abc123abc123",
        "aabbccddeeffgghhiijjkk",
        "abcdefghijklmnop",
        "zyxwvutsrqponmlkjihg",
        "0123456789abcdef",
        "1234567890123456",
        "qwertyuiopasdfghjkl",
        "secretsecretsecret",
        "password1password1password1",
        "my-telegram-webhook-secret",
        "my_super_secret_token_123",
        "ThisIsMySecretWebhookToken",
        "webhook-secret-0123456789",
        "change-me-please-now-1",
        "elephantgiraffezebra",
        "2026-11-28-2026-11-28",
    ],
)
def test_what_is_easily_guessed_is_weak(secret: str) -> None:
    """P12."""
    assert is_weak_secret(secret)


@pytest.mark.parametrize(
    "secret",
    [
        "5ca73a0dd9c0d0a4f5bd2e1f8bbdcd0b",
        "k7Qw-Zr4Tn9s_Xb2",
        "hVxgq_0JmLwqzjvyuhvq0JWn4cdK1kPxMZb0u1h2T4E",
        "correct-horse-battery-staple-2024",
    ],
)
def test_what_was_drawn_by_lot_is_not(secret: str) -> None:
    assert not is_weak_secret(secret)


def test_the_command_that_the_message_names_makes_none_that_is_weak() -> None:
    assert not any(is_weak_secret(secrets.token_urlsafe(32)) for _ in range(1_000))
