"""The pages that we serve from files."""

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class Pages(StaticFiles):
    """Files that a browser asks for anew each time, by their tag (RFC 9111 §5.2.2.4).

    Without a build step no file's name changes with its content: a browser that kept one for a
    while would mix the modules of two releases.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or an answer that the kept one is still right."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response
