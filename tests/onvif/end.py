"""What an ONVIF device and an ONVIF client have in common: JSON-RPC 2.0 over a WebSocket.

Written from the specification's table of methods alone. It knows nothing of anybody's extensions:
members that it doesn't know it ignores, requests that it doesn't know it answers with -32601.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final, Literal, Self
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

SUBPROTOCOL: Final = Subprotocol("webrtc.onvif.org")
PATIENCE_S: Final = 15.0
TokenBy = Literal["header", "query", "register"]


class Refusal(Exception):  # noqa: N818 - the protocol's `error`
    """A refusal, ours or the other end's; with a session, the end of that session."""

    def __init__(self, code: int, message: str = "", session: str | None = None) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.session = session


class Asked:
    """A request that came in. Answer it once, or raise Refusal."""

    def __init__(self, end: "End", request_id: Any, method: str, params: dict[str, Any]) -> None:
        self._end = end
        self.id = request_id
        self.method = method
        self.params = params

    async def answer(self, result: Any) -> None:
        """A good answer."""
        await self._end.send({"jsonrpc": "2.0", "id": self.id, "result": result})

    async def refuse(self, refusal: Refusal) -> None:
        """No."""
        error = {"code": refusal.code, "message": refusal.message}
        await self._end.send({"jsonrpc": "2.0", "id": self.id, "error": error})


class End:
    """One end's socket. An async context manager that closes what is open."""

    def __init__(self) -> None:
        self.id: str | None = None
        self.heard: list[str] = []  # each frame, as it came
        self.ended: dict[str, Refusal] = {}  # sessions that were ended by the other side
        self.close_code: int | None = None
        self._token = ""
        self._socket: ClientConnection | None = None
        self._numbers = 0
        self._asked: dict[int, tuple[str, asyncio.Future[Any]]] = {}
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._faults: list[BaseException] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the server named."""
        return self._socket.subprotocol if self._socket else None

    async def open(
        self, url: str, token: str, *, by: TokenBy = "register", names_subprotocol: bool = True
    ) -> None:
        """Open a socket; the token comes in one of the three ways."""
        self._token = token
        self._token_by = by
        self._socket = await connect(
            f"{url}?access_token={quote(token)}" if by == "query" else url,
            subprotocols=[SUBPROTOCOL] if names_subprotocol else None,
            additional_headers={"Authorization": f"Bearer {token}"} if by == "header" else None,
        )
        self._spawn(self._read(self._socket))

    async def register(self, **params: Any) -> str:
        """Say who we are; the id that the server knows us by. Raises Refusal."""
        if self._token_by == "register":
            params["authorization"] = self._token
        registered = await self.request("register", params)
        self.id = str(registered["id"])
        return self.id

    async def unregister(self) -> None:
        """A clean goodbye. Raises Refusal."""
        await self.request("unregister")

    async def request(self, method: str, params: dict[str, Any] | None = None) -> Any:
        """Ask, and wait for the answer. Raises Refusal."""
        async with asyncio.timeout(PATIENCE_S):
            return await (await self.ask(method, params))

    async def ask(self, method: str, params: dict[str, Any] | None = None) -> asyncio.Future[Any]:
        """Ask; the answer comes later."""
        self._numbers += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked[self._numbers] = method, answer
        frame: dict[str, Any] = {"jsonrpc": "2.0", "id": self._numbers, "method": method}
        await self.send(frame if params is None else frame | {"params": params})
        return answer

    async def notify(self, method: str, params: dict[str, Any]) -> None:
        """Tell something that wants no answer."""
        await self.send({"jsonrpc": "2.0", "method": method, "params": params})

    async def end_session(self, session: str, code: int, message: str, *, bare: bool) -> None:
        """`error` in one of its two forms: a bare error object, or a notification."""
        told = {"session": session, "code": code, "message": message}
        if bare:
            await self.send({"jsonrpc": "2.0", "error": told})
        else:
            await self.notify("error", told)

    async def send(self, frame: dict[str, Any]) -> None:
        """Send a frame."""
        await self.send_text(json.dumps(frame))

    async def send_text(self, text: str) -> None:
        """Send a frame as it is."""
        assert self._socket is not None
        await self._socket.send(text)

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something that we heard makes it so. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                if self._faults:
                    raise self._faults[0]
                self._changed.clear()
                await self._changed.wait()

    async def until_ended(self, session: str) -> Refusal:
        """Wait until the other side has ended a session; why."""
        await self.until(lambda: session in self.ended)
        return self.ended[session]

    async def until_closed(self) -> int | None:
        """Wait until the server has closed the socket; the close code."""
        await self.until(lambda: self.close_code is not None)
        return self.close_code

    async def leave(self) -> None:
        """Drop the socket and nothing else."""
        if self._socket is not None:
            await self._socket.close()

    async def close(self) -> None:
        """Leave, and say what went wrong inside while we were here."""
        await self.leave()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._faults:
            raise self._faults[0]

    def changed(self) -> None:
        """Something that somebody may be waiting for happened."""
        self._changed.set()

    async def requested(self, asked: Asked) -> None:
        """A request. Raises Refusal."""
        raise Refusal(-32601, f"no {asked.method} here")

    async def trickled(self, session: str, candidate: dict[str, Any] | None) -> None:
        """A candidate; None ends the list."""
        raise NotImplementedError

    async def session_over(self, session: str) -> None:
        """The other side ended a session of ours."""
        raise NotImplementedError

    def responded(self, method: str, result: Any) -> None:
        """A good answer, told before anything that came after it is heard."""

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                assert isinstance(frame, str)
                self.heard.append(frame)
                await self._hear(json.loads(frame))
                self.changed()
        except ConnectionClosed:
            pass
        self.close_code = socket.close_code
        self.changed()

    async def _hear(self, told: dict[str, Any]) -> None:
        assert told["jsonrpc"] == "2.0"
        match told:
            case {"method": str(method), "id": int() | str() as request_id}:
                self._spawn(self._answer(Asked(self, request_id, method, told.get("params", {}))))
            case {"method": "trickle", "params": {"session": str(session), "candidate": candidate}}:
                await self.trickled(session, read_candidate(candidate))
            case {"method": "error", "params": error} | {"error": {"session": _} as error}:
                await self._over(error)
            case {"id": int(number), "result": result}:
                method, answer = self._asked.pop(number)
                self.responded(method, result)
                answer.set_result(result)
            case {"id": int(number), "error": {"code": int(code), "message": str(message)}}:
                self._asked.pop(number)[1].set_exception(Refusal(code, message))
            case _:
                pass  # a notification that we don't know

    async def _over(self, error: dict[str, Any]) -> None:
        session = error["session"]
        self.ended[session] = Refusal(error["code"], error["message"], session)
        await self.session_over(session)

    async def _answer(self, asked: Asked) -> None:
        try:
            await self.requested(asked)
        except Refusal as refusal:
            await asked.refuse(refusal)
        self.changed()

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            self._faults.append(fault)
            self.changed()


def read_candidate(told: Any) -> dict[str, Any] | None:
    """A candidate; None for each of the forms in which peers say that there are no more."""
    return told if isinstance(told, dict) and told.get("candidate") else None
