"""Pairs that talk now and then, and how long each message took to the other end."""

import os
import select
import time
from collections import deque
from collections.abc import Sequence
from statistics import quantiles
from typing import Final, NamedTuple

from bench.pairs import End
from bench.sockets import READ, LoadFailed

PER_S: Final = 1_000.0  # a few hundredths of what a core relays


class Latency(NamedTuple):
    """Of one round, in milliseconds."""

    p50: float
    p99: float


class _Way:
    """From one end to the other: what was sent and has not come yet."""

    __slots__ = ("end", "left", "sent", "size")

    def __init__(self, end: End, size: int) -> None:
        self.end, self.size = end, size
        self.sent = deque[float]()
        self.left = 0


class Paced:
    """Ends that take turns, so many messages a second in all."""

    def __init__(self, ends: Sequence[End]) -> None:
        """Two ends behind each other are a pair."""
        self._epoll = select.epoll()
        self._ways: list[_Way] = []
        self._by_listener: dict[int, _Way] = {}
        for camera, viewer in zip(ends[::2], ends[1::2], strict=True):
            for speaker, listener in ((camera, viewer), (viewer, camera)):
                way = _Way(speaker, listener.heard_size)
                listener.client.wire.setblocking(False)
                self._epoll.register(listener.client.wire, select.EPOLLIN)
                self._by_listener[listener.client.wire.fileno()] = way
                self._ways.append(way)

    def run(self, seconds: float, per_s: float = PER_S) -> Latency:
        """Talk for so long. Raises LoadFailed where nothing came."""
        clock, took = time.perf_counter, list[float]()
        began = clock()
        sent, until = 0, began + seconds
        while (now := clock()) < until:
            while sent < (now - began) * per_s:
                self._speak(self._ways[sent % len(self._ways)])
                sent += 1
            self._listen(0.001, took)
        while any(way.sent for way in self._ways) and clock() < until + seconds:
            self._listen(0.01, took)
        late = [clock() - then for way in self._ways for then in way.sent]  # still on their way
        if not took:
            raise LoadFailed(f"of {sent} messages none arrived")
        hundredths = quantiles([*took, *late], n=100)
        return Latency(hundredths[49] * 1000, hundredths[98] * 1000)

    def _speak(self, way: _Way) -> None:
        way.sent.append(time.perf_counter())
        way.end.client.wire.send(way.end.frame)

    def _listen(self, within: float, took: list[float]) -> None:
        for fd, _ in self._epoll.poll(within):
            way = self._by_listener[fd]
            got = os.read(fd, READ)
            now = time.perf_counter()
            if not got:
                raise LoadFailed("the server closed a quiet socket")
            heard, way.left = divmod(way.left + len(got), way.size)
            took.extend(now - way.sent.popleft() for _ in range(heard))
