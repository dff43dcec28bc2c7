"""Finding a path: malformed candidates, dead servers, hidden names."""

import asyncio

import pytest
from aioice import stun

from devices.agent.ice import (
    SERVER_ANSWERS_WITHIN_S,
    BadCandidate,
    answering,
    read_candidate,
    with_trickle,
    without_local_names,
)
from signaling.protocol.end import IceServer

HOST = "candidate:1 1 udp 2130706431 192.0.2.9 50000 typ host"


def test_a_candidate_is_read_as_browsers_send_it() -> None:
    told = read_candidate({"candidate": HOST, "sdpMid": "0", "sdpMLineIndex": 0, "extra": 1})
    assert (told.ip, told.port, told.type, told.sdpMid) == ("192.0.2.9", 50000, "host", "0")


def test_a_candidate_without_a_line_belongs_to_the_only_one() -> None:
    assert read_candidate({"candidate": HOST}).sdpMLineIndex == 0


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"candidate": "candidate:1 1 udp"},
        {"candidate": "nonsense"},
        {"candidate": 7},
        {"candidate": HOST.replace("50000", "port")},
    ],
)
def test_a_malformed_candidate_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(BadCandidate):
        read_candidate(told)


def test_local_names_are_taken_out_of_a_description_with_its_end() -> None:
    hidden = HOST.replace("192.0.2.9", "6b0bfa5a-1111-4222-8333-444455556666.local")
    described = f"v=0\r\na={HOST}\r\na={hidden}\r\na=end-of-candidates\r\n"
    rest, taken = without_local_names(described)
    assert rest == f"v=0\r\na={HOST}\r\n"
    assert [candidate["candidate"] for candidate in taken] == [hidden]


def test_a_description_without_local_names_is_left_alone() -> None:
    described = f"v=0\r\na={HOST}\r\na=end-of-candidates\r\n"
    assert without_local_names(described) == (described, [])


def test_trickle_is_named_in_each_part() -> None:
    described = "m=video\r\na=ice-ufrag:a\r\nm=audio\r\na=ice-ufrag:b\r\n"
    assert with_trickle(described).count("a=ice-options:trickle\r\n") == 2


class _StunServer(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - UDP always
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asked = stun.parse_message(data)
        answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, asked.transaction_id)
        answer.attributes["XOR-MAPPED-ADDRESS"] = addr
        self.transport.sendto(bytes(answer), addr)


async def test_only_servers_that_answer_are_used_and_the_dead_cost_little() -> None:
    loop = asyncio.get_running_loop()
    alive, _ = await loop.create_datagram_endpoint(_StunServer, local_addr=("127.0.0.1", 0))
    silent, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
    )
    ports = [transport.get_extra_info("sockname")[1] for transport in (alive, silent)]
    servers = [
        IceServer(urls=(f"stun:127.0.0.1:{ports[0]}", f"stun:127.0.0.1:{ports[1]}")),
        IceServer(urls=(f"turn:127.0.0.1:{ports[0]}",), username="u", credential="c"),
        IceServer(urls=("turn:127.0.0.1:1?transport=tcp", "mailto:somebody"), username="u"),
    ]
    began = loop.time()
    used = await answering(servers)
    assert loop.time() - began < SERVER_ANSWERS_WITHIN_S + 0.4
    assert [(server.urls, server.username) for server in used] == [
        (f"stun:127.0.0.1:{ports[0]}", None),
        (f"turn:127.0.0.1:{ports[0]}", "u"),
    ]
    alive.close()
    silent.close()
