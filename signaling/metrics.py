"""What a gateway counts about itself, for whoever runs it: numbers, and nobody's name.

A method is named by what happened, and costs an addition. Only a scrape turns the numbers into
metrics. The value of every label comes from a tuple in this file; anything else raises KeyError,
so that no id, address or word of a peer can ever become one.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from signaling.protocol.board import STAGES
from signaling.protocol.close_codes import CLOSE_CODES
from signaling.protocol.commands import Outcome

Names = tuple[str, ...]

KINDS: Final[Names] = ("camera", "viewer")
OUTCOMES: Final[Names] = (
    # what became of a wish to call; the end of a call that was answered counts only where
    # it was not its people's (revoked, expired)
    "answered",
    "forbidden",
    "camera_away",
    "camera_refused",
    "viewer_refused",  # the viewer could not take the offer
    "timed_out",
    "hung_up",  # before it was answered
    "camera_left",  # likewise
    "viewer_left",  # likewise
    "revoked",
    "expired",
    "node_lost",  # the other end's gateway died
)
RESUMES: Final[Names] = ("resumed", "gone")
WAYS: Final[Names] = ("same_node", "cross_node")
ASKS: Final[Names] = ("replied", "camera_away", "no_reply", "engine_away")
DOOR: Final[Names] = ("not_found", "origin_refused", "no_common_subprotocol", "version_refused")
REASONS: Final[Names] = (*DOOR, *(close.name for close in CLOSE_CODES))

STAGE_BOUNDS: Final = (0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
HOLD_BOUNDS: Final = (0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 15.0, 30.0)
RELAY_BOUNDS: Final = (
    *(0.000_002, 0.000_005, 0.000_01, 0.000_02, 0.000_05),
    *(0.000_1, 0.000_2, 0.000_5, 0.001, 0.01, 0.1),
)
P: Final = "secuhome_signaling_"


class Tally:
    """A histogram: how many values were at most each bound, and their sum. In seconds."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, seconds: float) -> None:
        """Count one value."""
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self._sum += seconds

    def told(self) -> tuple[list[tuple[str, float]], float]:
        """The buckets as Prometheus wants them, each with all below it, and the sum."""
        buckets: list[tuple[str, float]] = []
        total = 0
        for bound, count in zip((*self._bounds, float("inf")), self._counts, strict=True):
            total += count
            buckets.append((floatToGoString(bound), total))
        return buckets, self._sum


class Counts(NamedTuple):
    """How many of what a gateway has at the moment."""

    connections: int = 0
    cameras: int = 0
    viewers: int = 0
    calls: int = 0


class GatewayMetrics(Collector):
    """The counts of one gateway, with a registry of their own to scrape."""

    def __init__(self) -> None:
        self.counts: Callable[[], Counts] = Counts  # the gateway names its own; asked at a scrape
        self._ended = _none_of(OUTCOMES)
        self._held = 0
        self._taken_back = 0
        self._holds = Tally(HOLD_BOUNDS)
        self._resumes = _none_of(RESUMES)
        self._relayed = _none_of(WAYS)
        self._relays = Tally(RELAY_BOUNDS)
        self._refused = _none_of(REASONS)
        self._outbound_highest = 0
        self._stages = {stage: Tally(STAGE_BOUNDS) for stage in STAGES}
        self._asks = _none_of(ASKS)
        self.registry = CollectorRegistry()
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def counted(self, outcome: Outcome) -> None:
        """The switchboard counts one of its outcomes."""
        match outcome:
            case Outcome.HELD:
                self.held()
            case Outcome.TAKEN_BACK:
                self._taken_back += 1
            case Outcome.RESUMED:
                self.resumed("resumed")
            case Outcome.NOT_RESUMED:
                self.resumed("gone")
            case _:
                self.call_over(outcome.value)

    def call_over(self, outcome: str) -> None:
        """A call ended, or a wish to call was not granted, with one of OUTCOMES."""
        self._ended[outcome] += 1

    def held(self) -> None:
        """A call waits for its camera to come back. `hold_over` ends the wait."""
        self._held += 1

    def hold_over(self, seconds: float) -> None:
        """A call that was held waits no more, whatever became of it."""
        self._holds.add(seconds)

    def resumed(self, outcome: str) -> None:
        """An endpoint came back for what it missed, with one of RESUMES."""
        self._resumes[outcome] += 1

    def relayed(self, count: int = 1, way: str = "same_node") -> None:
        """So many messages went on to the other end, by one of WAYS."""
        self._relayed[way] += count

    def relay_took(self, seconds: float) -> None:
        """A relayed message was in our hands for so long. The caller samples."""
        self._relays.add(seconds)

    def refused(self, reason: str) -> None:
        """A socket was refused or closed by us, for one of REASONS."""
        self._refused[reason] += 1

    def outbound(self, size: int) -> None:
        """So many bytes waited to be read by a peer. The highest is kept."""
        self._outbound_highest = max(self._outbound_highest, size)

    def observed(self, stage: str, ms: float) -> None:
        """An end reported a stage of STAGES, so many milliseconds after `connect`."""
        self._stages[stage].add(ms / 1_000)

    def asked(self, outcome: str) -> None:
        """Another node was asked about a camera, with one of ASKS."""
        self._asks[outcome] += 1

    def collect(self) -> Iterator[Metric]:
        """prometheus_client: the metrics of this moment."""
        now = self.counts()
        endpoints: dict[str, int] = dict(zip(KINDS, (now.cameras, now.viewers), strict=True))
        yield GaugeMetricFamily(P + "connections", "Sockets that are open", now.connections)
        yield _gauge("endpoints", "Registered endpoints", "kind", endpoints)
        yield GaugeMetricFamily(P + "calls", "Calls of this node's cameras", now.calls)
        yield _counter("calls_ended", "What became of calls", "outcome", self._ended)
        yield CounterMetricFamily(P + "holds", "Calls held until a camera is back", self._held)
        yield _histogram("hold_seconds", "How long calls were held", self._holds)
        yield CounterMetricFamily(
            P + "taken_back", "Running calls that a camera brought back", self._taken_back
        )
        yield _counter("resumes", "Sockets that came back to resume", "outcome", self._resumes)
        yield _counter("relayed_messages", "Messages passed on", "way", self._relayed)
        yield _histogram("relay_seconds", "A message in our hands, sampled", self._relays)
        yield _counter("refused", "Sockets refused or closed by us", "reason", self._refused)
        yield GaugeMetricFamily(
            P + "outbound_highest_bytes",
            "The most that has waited to be read by one peer, since the start",
            self._outbound_highest,
        )
        stages = HistogramMetricFamily(
            P + "stage_seconds", "From connect to a stage, as the ends report", labels=["stage"]
        )
        for stage, tally in self._stages.items():
            stages.add_metric([stage], *tally.told())
        yield stages
        yield _counter("asks", "Questions to the node that holds a camera", "outcome", self._asks)


def _none_of(names: Names) -> dict[str, int]:
    return dict.fromkeys(names, 0)


def _gauge(name: str, told: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(P + name, told, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


def _counter(name: str, told: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(P + name, told, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


def _histogram(name: str, told: str, tally: Tally) -> Metric:
    buckets, total = tally.told()
    return HistogramMetricFamily(P + name, told, buckets=buckets, sum_value=total)
