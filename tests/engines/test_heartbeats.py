"""Who is lost: whoever has been silent for too long, unless it is us who were away."""

from signaling.engine.heartbeats import BEAT_EVERY_S, SILENT_FOR_S, Heartbeats


def looked_at(
    beats: Heartbeats, since: float, until: float, *, connected: bool = True
) -> list[str]:
    """Look every BEAT_EVERY_S, and gather the lost."""
    lost: list[str] = []
    while since <= until:
        lost += beats.lost(since, connected=connected)
        since += BEAT_EVERY_S
    return lost


def test_a_silent_node_is_lost_once():
    beats = Heartbeats()
    beats.heard("two", 0.0)
    assert looked_at(beats, 0.0, SILENT_FOR_S) == []
    assert looked_at(beats, SILENT_FOR_S + 0.5, 60.0) == ["two"]


def test_only_a_newcomer_is_new():
    beats = Heartbeats()
    assert beats.heard("two", 0.0)
    assert not beats.heard("two", 1.0)
    beats.forget("two")
    assert beats.heard("two", 2.0)


def test_a_node_that_beats_is_not():
    beats = Heartbeats()
    for second in range(60):
        beats.heard("two", float(second))
        assert beats.lost(second + 0.5, connected=True) == []


def test_while_we_are_cut_off_nobody_is_lost_and_afterwards_all_have_their_full_time():
    beats = Heartbeats()
    beats.heard("two", 0.0)
    assert looked_at(beats, 0.0, 60.0, connected=False) == []
    assert looked_at(beats, 61.0, 63.0) == []
    assert looked_at(beats, 64.0, 70.0) == ["two"]


def test_a_process_that_was_stopped_or_a_clock_that_jumped_accuses_nobody():
    beats = Heartbeats()
    beats.heard("two", 0.0)
    assert beats.lost(1.0, connected=True) == []
    assert beats.lost(3_600.0, connected=True) == []  # an hour, and nothing was looked at
    assert looked_at(beats, 3_601.0, 3_602.0) == []


def test_one_that_said_goodbye_is_not_missed():
    beats = Heartbeats()
    beats.heard("two", 0.0)
    beats.forget("two")
    assert looked_at(beats, 0.0, 60.0) == []
