"""The page for whoever is on call, and the alerts that wake him, speak of metrics that exist."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from prometheus_client.core import Metric

from server.backups.metrics import WHAT, BackupMetrics
from server.backups.refusals import REFUSALS
from server.privacy.cases.metrics import STATES, CaseMetrics
from server.privacy.erasure.metrics import ErasureMetrics
from server.privacy.reviews.metrics import AREAS, ReviewMetrics
from signaling.metrics import ASKS, KINDS, OUTCOMES, REASONS, RESUMES, WAYS, GatewayMetrics
from signaling.protocol.board import STAGES
from tests.house.sources import ROOT, page
from tests.house.test_pages import rows

pytestmark = pytest.mark.house

PAGE: Final = page("docs/operations.md")
ALERTS: Final[list[dict[str, Any]]] = yaml.safe_load(
    (ROOT / "docker/prometheus/alerts.yaml").read_text()
)["groups"][0]["rules"]
VALUES: Final = {
    "kind": KINDS,
    "outcome of calls": OUTCOMES,
    "outcome of resumes": RESUMES,
    "outcome of asks": ASKS,
    "way": WAYS,
    "stage": STAGES,
    "reason": REASONS,
    "state": STATES,
    "what": WHAT,
    "area": AREAS,
}
PROMETHEUS_OWN: Final = {"up"}  # it makes this one itself
WORDS: Final = {
    "sum",
    "by",
    "rate",
    "increase",
    "changes",
    "histogram_quantile",
    "offset",
    "le",
    "instance",
    "job",
    "max",
    "time",
}


def collected() -> list[Metric]:
    """Everything that a process tells."""
    ours = (CaseMetrics(), BackupMetrics(), ReviewMetrics(), ErasureMetrics())
    gateways = GatewayMetrics().registry.collect()
    return [*gateways, *(it for told in ours for it in told.collect())]


def families() -> list[Metric]:
    """The same, what every process tells of itself left out."""
    told = collected()
    return [family for family in told if not family.name.startswith(("process_", "python_"))]


def label_of(family: Metric) -> str:
    """The one label of a metric that is not a bucket's bound."""
    names = {name for sample in family.samples for name in sample.labels} - {"le"}
    assert len(names) <= 1
    return "".join(names)


def test_every_metric_is_on_its_page_and_no_other():
    """Somebody reads it at night: a name that is not there costs the minutes that count."""
    told = {tuple(row[:3]) for row in rows(PAGE, "The metrics")}
    assert told == {(family.name, family.type, label_of(family)) for family in families()}


def test_every_value_of_a_label_is_on_the_page():
    told = {row[0].replace("`", ""): tuple(row[1].split(", ")) for row in rows(PAGE, "The labels")}
    assert told == VALUES


def test_every_alert_is_explained_with_what_to_do():
    told = {row[0]: row[1] for row in rows(PAGE, "The alerts")}
    assert told == {alert["alert"]: alert["labels"]["severity"] for alert in ALERTS}
    assert all(len(row[3]) > 10 for row in rows(PAGE, "The alerts"))


def test_every_refusal_of_a_backup_is_explained_with_its_remedy():
    """Who restores has a bad day; what is said then is looked up here."""
    told = {tuple(row) for row in rows(PAGE, "What is refused")}
    assert told == {tuple(it) for it in REFUSALS}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_speaks_of_metrics_and_values_that_exist(alert: dict[str, Any]):
    """An expression with a name that nobody exports is true for nobody, and silent for ever."""
    samples = {
        sample.name: set(sample.labels) for family in collected()
        for sample in family.samples
    }  # fmt: skip
    expression = alert["expr"]
    bare = re.sub(r'"[^"]*"', "", expression)
    names = set(re.findall(r"\b[a-z_]{2,}\b", re.sub(r"\{[^}]*\}|\[[^]]*\]", "", bare))) - WORDS
    assert names
    assert names <= set(samples) | PROMETHEUS_OWN
    for name, matchers in re.findall(r"([a-z_]+)\{([^}]*)\}", expression):
        for label, values in re.findall(r'(\w+)=~?"([^"]*)"', matchers):
            if label != "job":  # that one is Prometheus'
                assert label in samples[name]
                assert set(values.split("|")) <= values_of(name, label)


def values_of(sample_name: str, label: str) -> set[str]:
    """The values that a label has in a scrape."""
    return {
        sample.labels[label]
        for family in families()
        for sample in family.samples
        if sample.name == sample_name and label in sample.labels
    }


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_is_whole(alert: dict[str, Any]):
    assert alert["labels"]["severity"] in ("page", "ticket")
    assert alert["annotations"]["summary"]
    for opening, closing in ("()", "[]", "{}"):
        assert alert["expr"].count(opening) == alert["expr"].count(closing)


def test_the_page_names_files_and_commands_that_exist():
    assert Path(ROOT, "docker/prometheus/alerts.yaml").exists()
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
