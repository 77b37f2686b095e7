"""What ADMIN_WEB_SECRET signs: the session's cookie, and the token of its forms."""

import hashlib
import hmac
from typing import Final

from app.domain.admin_web import is_web_token

SESSION_COOKIE: Final = "__Host-tollgate"
"""The prefix makes browsers refuse one that was set for another path or by a subdomain."""


class WebSecret:
    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def seal(self, session_token: str) -> str:
        """The cookie's value."""
        return f"{session_token}.{self._sign('session', session_token)}"

    def unseal(self, cookie: str) -> str | None:
        """The session's token; None where we have not sealed it: that costs no query."""
        token, _, signature = cookie.partition(".")
        if not is_web_token(token):
            return None
        expected = self._sign("session", token)
        return token if hmac.compare_digest(signature.encode(), expected.encode()) else None

    def create_form_token(self, session_token: str) -> str:
        """Another site can neither read it nor compute it."""
        return self._sign("form", session_token)

    def is_form_token(self, session_token: str, given: str) -> bool:
        expected = self.create_form_token(session_token)
        return hmac.compare_digest(given.encode(), expected.encode())

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._secret, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()
