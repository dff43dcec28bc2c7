"""How many erasures should have been done by now, for whoever runs us."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class ErasureMetrics(Collector):
    """What the last look has found."""

    def __init__(self) -> None:
        self._late = 0

    def looked(self, late: int) -> None:
        """How many have begun and are near the last day on which they must be done."""
        self._late = late

    def collect(self) -> Iterator[Metric]:
        """The gauge. A process that doesn't look has zero."""
        yield GaugeMetricFamily(
            "secuhome_erasures_late",
            "Erasures that have begun, aren't done, and must be within three days",
            value=self._late,
        )
