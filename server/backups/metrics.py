"""How backups stand, for whoever runs us: ages and faults, and nothing of what they hold."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.backups.schedule_rules import Kind, Known

WHAT: Final = tuple(kind.value for kind in Kind)


class BackupMetrics(Collector):
    """What the last look at the register has found."""

    def __init__(self) -> None:
        self._known: Mapping[Kind, Known] = dict.fromkeys(Kind, Known())
        self._late: Collection[Kind] = ()

    def looked(self, known: Mapping[Kind, Known], late: Collection[Kind]) -> None:
        """How backups and drills stand now."""
        self._known, self._late = known, late

    def collect(self) -> Iterator[Metric]:
        """The gauges. A process that doesn't look has zeros."""
        yield self._of(
            "secuhome_backup_late",
            "Whether it is too long ago (1) or not (0)",
            {kind: kind in self._late for kind in Kind},
        )
        yield self._of(
            "secuhome_backup_failed",
            "Whether the last one failed (1) or not (0)",
            {kind: it.failed for kind, it in self._known.items()},
        )
        yield self._of(
            "secuhome_backup_whole_at_seconds",
            "Of when the newest backup is, and when a restore last succeeded, seconds since 1970",
            {kind: _seconds(it.newest) for kind, it in self._known.items()},
        )

    def _of(self, name: str, told: str, values: Mapping[Kind, float]) -> Metric:
        family = GaugeMetricFamily(name, told, labels=["what"])
        for kind, value in values.items():
            family.add_metric([kind.value], value)
        return family


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
