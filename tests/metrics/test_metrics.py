"""What a gateway counts is what happened, and nobody can be found in it."""

import math
from collections.abc import Callable

import pytest
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from signaling.metrics import (
    ASKS,
    HOLD_BOUNDS,
    KINDS,
    OUTCOMES,
    REASONS,
    RELAY_BOUNDS,
    RESUMES,
    STAGE_BOUNDS,
    WAYS,
    Counts,
    GatewayMetrics,
)
from signaling.protocol.board import STAGES
from signaling.protocol.commands import Outcome

LABELS = {
    "kind": KINDS,
    "outcome": (*OUTCOMES, *RESUMES, *ASKS),
    "way": WAYS,
    "reason": REASONS,
    "stage": STAGES,
}
P = "secuhome_signaling_"
COUNTED = ("calls", "holds", "resumes", "relayed", "refused", "stage", "asks")


def scraped(metrics: GatewayMetrics) -> dict[tuple[str, str], float]:
    """What a scrape reads: the sample's name without our prefix, its label's value, the number."""
    text = generate_latest(metrics.registry).decode()
    return {
        (sample.name.removeprefix(P), ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def everything_once(metrics: GatewayMetrics) -> None:
    """Each thing that can happen, with each value that it can have."""
    metrics.held()
    metrics.hold_over(1.0)
    metrics.relay_took(0.001)
    metrics.outbound(100)
    for outcome in OUTCOMES:
        metrics.call_over(outcome)
    for outcome in RESUMES:
        metrics.resumed(outcome)
    for way in WAYS:
        metrics.relayed(1, way)
    for reason in REASONS:
        metrics.refused(reason)
    for stage in STAGES:
        metrics.observed(stage, 100)
    for outcome in ASKS:
        metrics.asked(outcome)


def test_every_label_has_one_of_a_few_values_that_we_chose():
    metrics = GatewayMetrics()
    everything_once(metrics)
    text = generate_latest(metrics.registry).decode()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            bound = sample.labels.pop("le", None)
            assert bound is None or float(bound) in {
                *STAGE_BOUNDS, *HOLD_BOUNDS, *RELAY_BOUNDS, math.inf
            }  # fmt: skip
            assert len(sample.labels) <= 1
            for label, value in sample.labels.items():
                assert value in LABELS[label]


def test_all_of_them_are_there_before_anything_has_happened():
    """An alert on a counter that doesn't exist yet is silent when it matters."""
    before = scraped(GatewayMetrics())
    metrics = GatewayMetrics()
    everything_once(metrics)
    assert scraped(metrics).keys() == before.keys()


@pytest.mark.parametrize(
    "happened",
    [
        lambda m: m.call_over("the camera of Mr Smith"),
        lambda m: m.resumed("sometimes"),
        lambda m: m.relayed(1, "by mail"),
        lambda m: m.refused("http://evil.example"),
        lambda m: m.observed("kitchen", 1.0),
        lambda m: m.asked("acc_eu1_01"),
    ],
)
def test_a_value_that_is_not_ours_never_becomes_a_label(happened: Callable[[GatewayMetrics], None]):
    metrics = GatewayMetrics()
    with pytest.raises(KeyError):
        happened(metrics)
    assert {value for name, value in scraped(metrics).items() if name[0].startswith(COUNTED)} == {0}


def test_what_is_open_is_read_when_somebody_scrapes():
    metrics = GatewayMetrics()
    now = Counts(connections=5, cameras=3, viewers=1, calls=2)
    metrics.counts = lambda: now
    seen = scraped(metrics)
    assert (seen["connections", ""], seen["calls", ""]) == (5, 2)
    assert (seen["endpoints", "camera"], seen["endpoints", "viewer"]) == (3, 1)
    now = Counts()
    assert scraped(metrics)["connections", ""] == 0


def test_what_happens_is_counted():
    metrics = GatewayMetrics()
    metrics.call_over("camera_away")
    metrics.held()
    metrics.held()
    metrics.resumed("gone")
    metrics.relayed(40)
    metrics.relayed(2, "cross_node")
    metrics.refused("slow_reader")
    metrics.asked("no_reply")
    metrics.outbound(700)
    metrics.outbound(200)
    seen = scraped(metrics)
    assert seen["calls_ended_total", "camera_away"] == 1
    assert seen["calls_ended_total", "timed_out"] == 0
    assert seen["holds_total", ""] == 2
    assert seen["resumes_total", "gone"] == 1
    assert seen["relayed_messages_total", "same_node"] == 40
    assert seen["relayed_messages_total", "cross_node"] == 2
    assert seen["refused_total", "slow_reader"] == 1
    assert seen["asks_total", "no_reply"] == 1
    assert seen["outbound_highest_bytes", ""] == 700


def test_a_bucket_holds_all_up_to_its_bound():
    metrics = GatewayMetrics()
    for ms in (25, 26, 100, 31_000):
        metrics.observed("first_frame", ms)
    seen = scraped(metrics)

    def bucket(bound: str) -> float:
        return seen["stage_seconds_bucket", f"{bound},first_frame"]

    assert [bucket(bound) for bound in ("0.025", "0.05", "0.1", "30.0", "+Inf")] == [1, 2, 3, 3, 4]
    assert seen["stage_seconds_count", "first_frame"] == 4
    assert seen["stage_seconds_sum", "first_frame"] == pytest.approx(31.151)
    assert seen["stage_seconds_count", "offer"] == 0


def test_two_gateways_of_one_process_share_no_count():
    one, other = GatewayMetrics(), GatewayMetrics()
    one.held()
    assert scraped(one)["holds_total", ""] == 1
    assert scraped(other)["holds_total", ""] == 0


def test_the_process_tells_about_itself():
    seen = scraped(GatewayMetrics())
    assert seen["process_resident_memory_bytes", ""] > 1_000_000
    assert seen["process_open_fds", ""] > 0


@pytest.mark.parametrize("outcome", Outcome)
def test_whatever_the_switchboard_counts_is_a_metric(outcome: Outcome):
    metrics = GatewayMetrics()
    metrics.counted(outcome)
    counted = ("calls_ended", "holds_total", "resumes", "taken_back")
    seen = {name: value for name, value in scraped(metrics).items() if name[0].startswith(counted)}
    assert sum(seen.values()) == 1
