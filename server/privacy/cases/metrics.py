"""How many cases are near their date, for whoever runs us: numbers by stage, and nobody's name."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.privacy.cases.deadline_rules import Stage

STATES: Final = tuple(stage.value for stage in Stage)


class CaseMetrics(Collector):
    """What the last look at the open cases has counted."""

    def __init__(self) -> None:
        self._due = dict.fromkeys(Stage, 0)
        self._looked_at = 0.0

    def counted(self, due: Mapping[Stage, int], now: datetime) -> None:
        """The open cases by stage, as they are now."""
        self._due = {stage: due.get(stage, 0) for stage in Stage}
        self._looked_at = now.timestamp()

    def collect(self) -> Iterator[Metric]:
        """The gauges. A process that doesn't look has the time 0."""
        due = GaugeMetricFamily(
            "secuhome_cases_due", "Open cases, by how near their date is", labels=["state"]
        )
        for stage, number in self._due.items():
            due.add_metric([stage.value], number)
        yield due
        yield GaugeMetricFamily(
            "secuhome_cases_looked_at_seconds",
            "When the open cases were last looked at, seconds since 1970",
            value=self._looked_at,
        )
