"""Which reviews and findings are overdue, for whoever runs us."""

from collections.abc import Collection, Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.privacy.reviews.review_rules import Area

AREAS: Final = tuple(area.value for area in Area)


class ReviewMetrics(Collector):
    """What the last look has found."""

    def __init__(self) -> None:
        self._overdue: Collection[Area] = ()
        self._findings = 0

    def looked(self, overdue: Collection[Area], findings: int) -> None:
        """The areas whose review is overdue now, and how many findings are."""
        self._overdue, self._findings = overdue, findings

    def collect(self) -> Iterator[Metric]:
        """The gauges. A process that doesn't look has zeros."""
        reviews = GaugeMetricFamily(
            "secuhome_review_overdue",
            "Whether the review of an area is overdue (1) or not (0)",
            labels=["area"],
        )
        for area in Area:
            reviews.add_metric([area.value], area in self._overdue)
        yield reviews
        yield GaugeMetricFamily(
            "secuhome_review_findings_overdue",
            "Findings of reviews that nothing was done about in time",
            value=self._findings,
        )
