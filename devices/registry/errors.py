"""What can go wrong with cameras."""

from typing import Any

from server.foundation.errors import Problem


class UnknownCamera(Problem):
    """For a camera that isn't there, and for one that is somebody else's: nobody can tell which."""

    code, status, title = "unknown_camera", 404, "There is no such camera"
    remedy = "Look at the list of your cameras; one that was released must be paired again."


class CameraAlreadyOwned(Problem):
    """Cameras don't change hands by being reset: whoever owns it has to release it."""

    code, status, title = "camera_already_owned", 409, "This camera belongs to an account already"
    remedy = "Ask its owner to release it in the app, then pair it again."


class InvalidClient(Problem):
    """A camera's assertion was refused. Never says why: that would tell which serials exist."""

    code, status, title = "invalid_client", 401, "The camera's assertion is refused"
    remedy = (
        "Sign a fresh assertion with the key from the factory: right serial and audience, the"
        " camera's clock within a minute, each `jti` once."
    )

    def members(self) -> dict[str, Any]:
        """RFC 6749 §5.2's own member."""
        return {"error": "invalid_client"}


class UnsupportedGrantType(Problem):
    """Cameras have one way to a token."""

    code, status, title = "unsupported_grant_type", 400, "This grant type is not served here"
    remedy = "Send `grant_type=client_credentials` with a `private_key_jwt` assertion."

    def members(self) -> dict[str, Any]:
        """RFC 6749 §5.2's own member."""
        return {"error": "unsupported_grant_type"}
