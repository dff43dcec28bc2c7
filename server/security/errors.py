"""What security refuses, and what the caller may do about it."""

from server.foundation.errors import Problem


class BadToken(Problem):
    """No token, or none of ours, or one whose time or sign-in is over: nobody learns which."""

    code, status, title = "bad_token", 401, "This needs a valid access token"
    remedy = "Send `Authorization: Bearer …` with a fresh access token; refresh or sign in again."

    def headers(self) -> dict[str, str]:
        """The scheme to use (RFC 6750 §3)."""
        return {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class WrongKindOfCaller(Problem):
    """A camera on a person's route, a person on a camera's, and so on."""

    code, status, title = "wrong_kind_of_caller", 403, "This is for another kind of caller"
    remedy = "Use the token of the kind of caller that the API's description names."


class ForeignOrigin(Problem):
    """Another site's page tried to act with this browser's cookies (cross-site request forgery)."""

    code, status, title = "foreign_origin", 403, "Another site may not do this"
    remedy = "Do this from the app's own pages."


class WeakPassword(Problem):
    """A password that is short, or that a guesser tries early."""

    code, status, title = "weak_password", 422, "This password is too easy to guess"
    remedy = "Use 15 to 256 characters; four or five words that nobody would put together do well."


class BreachedPassword(Problem):
    """A password that stands on every guesser's list."""

    code, status, title = "breached_password", 422, "This password is known to attackers"
    remedy = "Choose another one that you use nowhere else."
