"""How endpoints come, come back and go: register, resume, unregister, a socket that breaks."""

from collections.abc import Callable, Sequence

import msgspec

from signaling.protocol import faults, messages
from signaling.protocol.board import Away, Board, Endpoint, Goodbye, Party, Unregistered
from signaling.protocol.camera_desk import CameraDesk
from signaling.protocol.close_codes import BAD_TOKEN, CROWDED, NOT_IN_TIME, REPLACED
from signaling.protocol.commands import (
    Attach,
    Back,
    Forget,
    Hang,
    Hold,
    Outcome,
    Release,
    Say,
    Vouch,
    Who,
)
from signaling.protocol.messages import Id, Request
from signaling.protocol.said import Said
from signaling.protocol.viewer_desk import ViewerDesk


class Entrance:
    """Lets endpoints in and out. `hear` is how a frame that had to wait is heard."""

    def __init__(
        self,
        board: Board,
        cameras: CameraDesk,
        viewers: ViewerDesk,
        hear: Callable[[Endpoint, bytes], None],
    ) -> None:
        self._board = board
        self._cameras = cameras
        self._viewers = viewers
        self._hear = hear

    def joined(self, number: int, token: str | None) -> None:
        """A socket opened; `token` came with its header or address."""
        board = self._board
        board.endpoints[number] = Endpoint(number, token)
        board.wait(board.now + board.limits.register_within, Unregistered(number))

    def keep_waiting(self, endpoint: Endpoint, frame: bytes) -> None:
        """A frame came while we find out whose endpoint this is."""
        if endpoint.waiting is None:
            endpoint.waiting = []
        if len(endpoint.waiting) >= self._board.limits.waiting_frames:
            self._board.count_fault(endpoint)
        else:
            endpoint.waiting.append(frame)

    def register(self, endpoint: Endpoint, request: Request) -> None:
        """An endpoint says who it is, and perhaps where it left off."""
        if endpoint.party is not None:
            self._board.blame(endpoint, request.id, faults.REQUEST)
            return
        try:
            params = messages.read(request.params, messages.RegisterParams)
        except msgspec.DecodeError:
            self._board.blame(endpoint, request.id, faults.PARAMS)
            return
        given = (endpoint.token, (params.authorization or "").removeprefix("Bearer "))
        tokens = tuple(token for token in given if token)
        if not tokens:
            self._board.blame(endpoint, request.id, faults.UNAUTHORISED)
            return
        told = params.capabilities
        endpoint.capabilities = None if told is None else tuple(told)
        wish = messages.RegisterWish() if params.secuhome is msgspec.UNSET else params.secuhome
        endpoint.resuming, endpoint.claims = wish.resume, wish.calls
        endpoint.registering = True
        self._board.out.append(Who(endpoint.number, request.id, tokens))

    def known(self, number: int, request_id: Id, parties: Sequence[Party | None]) -> None:
        """Whose tokens they are (see Who); None for one that doesn't hold."""
        endpoint = self._board.endpoints.get(number)
        if endpoint is None:
            return
        party = parties[0] if parties and len(set(parties)) == 1 else None
        if party is None:
            self._board.refuse(endpoint, request_id, faults.UNAUTHORISED)
            self._board.hang(number, BAD_TOKEN)
        elif endpoint.resuming is not None:
            self._resume(endpoint, request_id, party, endpoint.resuming)
        elif party.is_camera:
            self._take(endpoint, party)
            self._replace(party.id, number)
            self._board.out.append(Hold(party.id, number, request_id))
        elif self._board.accounts.get(party.id, 0) >= self._board.limits.sockets_per_account:
            self._board.refuse(endpoint, request_id, faults.NO_RESOURCES)
            self._board.hang(number, CROWDED)
        else:
            self._take(endpoint, party)
            self.registered(endpoint, request_id, party)

    def registered(self, endpoint: Endpoint, request_id: Id, party: Party) -> None:
        """The endpoint is let in, and what it said meanwhile is heard."""
        endpoint.registering, endpoint.token = False, None  # the token has done its work
        self._say_registered(endpoint, request_id, party, 0)
        endpoint.said = Said()
        claims, endpoint.claims = endpoint.claims, ()
        if party.is_camera and claims:
            self._claim(endpoint, party, claims)
        self._hear_waiting(endpoint, endpoint)

    def _claim(
        self, camera: Endpoint, party: Party, claims: tuple[messages.RunningCall, ...]
    ) -> None:
        """A camera names calls that run; no more than it may have are looked at."""
        most = self._board.limits.calls_per_camera
        self._board.out.append(Vouch(camera.number, party.id, claims[:most]))
        for claim in claims[most:]:
            self._board.say_over(camera.number, claim.session, faults.NO_RESOURCES)

    def unregister(self, endpoint: Endpoint, request: Request) -> None:
        """An endpoint says a clean goodbye; its socket stays."""
        if endpoint.party is None:
            self._board.blame(endpoint, request.id, faults.NOT_REGISTERED)
            return
        self.leave(endpoint, goodbye=True)
        self._board.say(endpoint.number, messages.response(request.id, None))

    def left(self, number: int, *, clean: bool) -> None:
        """A socket is gone: `clean` where its peer or we closed it in words."""
        board = self._board
        endpoint = board.endpoints.get(number)
        if endpoint is None or endpoint.away_until is not None:
            return
        in_a_call = bool(endpoint.sessions or endpoint.deciding)
        if not clean and in_a_call and endpoint.said is not None:
            endpoint.away_until = board.now + board.limits.keep_for
            board.wait(endpoint.away_until, Away(number))
        else:
            self.remove(endpoint)

    def stayed_away(self, number: int) -> None:
        """An endpoint whose socket broke may have had enough time to come back."""
        endpoint = self._board.endpoints.get(number)
        if endpoint and endpoint.away_until and endpoint.away_until <= self._board.now:
            self.remove(endpoint)

    def remove(self, endpoint: Endpoint) -> None:
        """An endpoint is gone for good."""
        self.leave(endpoint)
        del self._board.endpoints[endpoint.number]
        self._board.out.append(Forget(endpoint.number))

    def leave(self, endpoint: Endpoint, *, goodbye: bool = False) -> None:
        """An endpoint's part in everything is over. A camera that said so is known to be off."""
        board, party = self._board, endpoint.party
        if party is None:
            return
        endpoint.party, endpoint.said = None, None
        if not party.is_camera:
            self._viewers.left(endpoint)
            self._count_down(party)
            return
        self._cameras.left(endpoint)
        if board.cameras.get(party.id) != endpoint.number:
            return
        del board.cameras[party.id]
        if goodbye and len(board.goodbyes) < board.limits.goodbyes:
            board.goodbyes[party.id] = board.now + board.limits.goodbye_lasts
            board.wait(board.goodbyes[party.id], Goodbye(party.id))
        else:
            board.out.append(Release(party.id))

    def forget_goodbye(self, camera_id: str) -> None:
        """That a camera unregistered need not be known any more; if it still is, and is old."""
        until = self._board.goodbyes.get(camera_id)
        if until is not None and until <= self._board.now:
            del self._board.goodbyes[camera_id]
            self._board.out.append(Release(camera_id))

    def taken(self, camera_id: str) -> None:
        """The camera has registered at another node."""
        self._board.goodbyes.pop(camera_id, None)
        older = self._board.cameras.pop(camera_id, None)
        if older is not None and (endpoint := self._board.endpoints.get(older)):
            self._throw_out(endpoint)

    def still_unregistered(self, number: int) -> None:
        """An endpoint should have registered by now."""
        endpoint = self._board.endpoints.get(number)
        if endpoint and endpoint.party is None:
            self._board.hang(number, NOT_IN_TIME)

    def _take(self, endpoint: Endpoint, party: Party) -> None:
        endpoint.party, endpoint.heard = party, 0
        if not party.is_camera:
            self._board.accounts[party.id] = self._board.accounts.get(party.id, 0) + 1

    def _count_down(self, party: Party) -> None:
        left = self._board.accounts.get(party.id, 0) - 1
        if left > 0:
            self._board.accounts[party.id] = left
        else:
            self._board.accounts.pop(party.id, None)

    def _say_registered(
        self, endpoint: Endpoint, request_id: Id, party: Party, offset: int
    ) -> None:
        epoch = f"{self._board.node}.{endpoint.number}"
        ours = messages.Epoch(epoch, offset, self._board.limits.keep_for, endpoint.heard)
        answer = messages.response(request_id, messages.RegisterResult(party.id, ours))
        self._board.out.append(Say(endpoint.number, answer))  # it is not counted

    def _resume(
        self, socket: Endpoint, request_id: Id, party: Party, wish: messages.Resume
    ) -> None:
        """The endpoint behind a fresh socket is one that we know, or its register gets a 410."""
        board = self._board
        endpoint = board.endpoints.get(self._number_of(wish.epoch))
        known = endpoint is not None and endpoint.party == party
        missed = endpoint.said.missed(wish.offset) if known and endpoint and endpoint.said else None
        if endpoint is None or missed is None:
            socket.registering, socket.resuming, socket.waiting = False, None, None
            board.count(Outcome.NOT_RESUMED)
            board.refuse(socket, request_id, faults.NOT_RESUMED)
            return
        del board.endpoints[socket.number]
        board.out.append(Attach(socket.number, endpoint.number))
        board.count(Outcome.RESUMED)
        endpoint.away_until = None
        self._say_registered(endpoint, request_id, party, wish.offset)
        board.out.extend(Say(endpoint.number, frame) for frame in missed)
        if party.is_camera:
            board.out.append(Back(party.id))
        self._hear_waiting(endpoint, socket)

    def _number_of(self, epoch: str) -> int:
        node, _, number = epoch.rpartition(".")
        fits = node == self._board.node and number.isascii() and number.isdecimal()
        return int(number) if fits and len(number) < 20 else 0  # noqa: PLR2004 - digits of 2**63

    def _hear_waiting(self, endpoint: Endpoint, socket: Endpoint) -> None:
        waiting, socket.waiting = socket.waiting, None
        for frame in waiting or ():
            self._hear(endpoint, frame)

    def _replace(self, camera_id: str, number: int) -> None:
        self._board.goodbyes.pop(camera_id, None)
        older = self._board.cameras.get(camera_id)
        self._board.cameras[camera_id] = number
        if older is not None and (endpoint := self._board.endpoints.get(older)):
            self._throw_out(endpoint)

    def _throw_out(self, endpoint: Endpoint) -> None:
        self._cameras.left(endpoint)
        endpoint.party, endpoint.said = None, None
        if endpoint.away_until is None:
            self._board.out.append(Hang(endpoint.number, REPLACED))
        else:
            del self._board.endpoints[endpoint.number]
