"""What accounts refuse. None of these tells whether somebody has an account."""

from server.foundation.errors import Problem


class WrongCredentials(Problem):
    """For a wrong password and for an address without an account: nobody can tell which."""

    code, status, title = "wrong_credentials", 401, "The e-mail address or the password is wrong"
    remedy = "Check both; if you have no account with this address yet, register."


class AccountCancelled(Problem):
    """Said only to who has proven to be the owner: the account waits for its end."""

    code, status, title = "account_cancelled", 403, "This account was cancelled and will be erased"
    remedy = "To take it back, sign in with `take_back` set; else do nothing."


class FreshSignInNeeded(Problem):
    """An account without a password: who asks must have signed in just now."""

    code, status, title = "fresh_sign_in_needed", 403, "Sign in again before you do this"
    remedy = "Sign out, sign in with your provider, and ask again within ten minutes."


class NoPassword(Problem):
    """Who comes in by a provider has a password there, and none here."""

    code, status, title = "no_password", 409, "This account has no password"
    remedy = "You sign in with a provider: change the password there."


class UnknownSignIn(Problem):
    """For a sign-in that isn't there, and for one that is somebody else's."""

    code, status, title = "unknown_sign_in", 404, "There is no such sign-in"
    remedy = "Look at the list of where you are signed in."


class WrongCode(Problem):
    """Not the code that was mailed. This try counts."""

    code, status, title = "wrong_code", 422, "This is not the code that we mailed"
    remedy = "Type the six digits of the newest letter; after a few wrong tries, begin again."


class RegistrationOver(Problem):
    """For a registration that ended, ran out of time or tries, or never was."""

    code, status, title = "registration_over", 410, "This registration is over"
    remedy = "Register again; you will get a new code."


class EmailChangeOver(Problem):
    """For a new address that nobody asked for, or whose time or tries are over."""

    code, status, title = "email_change_over", 410, "This change of the address is over"
    remedy = "Ask for the change again; you will get a new code."


class MailNotSent(Problem):
    """Our mail server didn't take a letter; nothing else failed."""

    code, status, title = "mail_not_sent", 503, "The mail could not be sent"
    remedy = "Try again in a few minutes."


class SessionOver(Problem):
    """No refresh token, or none that still counts. Never says why."""

    code, status, title = "session_over", 401, "You are signed out"
    remedy = "Sign in again."


class UnknownProvider(Problem):
    """No provider of that name stands in the settings."""

    code, status, title = "unknown_provider", 404, "There is no such sign-in provider"
    remedy = "Choose one of those that `/v1/providers` lists."


class ProviderUnavailable(Problem):
    """The provider can't be reached, or doesn't speak OpenID Connect as it should."""

    code, status, title = "provider_unavailable", 502, "The sign-in provider doesn't answer"
    remedy = "Try again later, or sign in another way."


class ProviderSignInRefused(Problem):
    """A callback that is forged, replayed, late, from another browser, or refused over there."""

    code, status, title = "provider_sign_in_refused", 400, "This sign-in can't be completed"
    remedy = "Go back to the app and start signing in again, in the same browser."
