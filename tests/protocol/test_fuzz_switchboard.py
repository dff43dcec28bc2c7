"""Real dialogues with something changed: nobody hears what isn't theirs, and all is forgotten.

HYPOTHESIS_EXAMPLES says how many changed dialogues are tried (60 unless it says otherwise).
"""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.protocol import faults, messages
from signaling.protocol.messages import Unreadable
from tests.protocol.dialogue import PEOPLE, Input, Watched, dialogues

METHODS = (
    "register", "unregister", "connect", "extend", "invite", "trickle", "error", "secuhome.close",
    "secuhome.stage",
)  # fmt: skip
NAMES = (
    "session", "params", "result", "error", "id", "method", "candidate", "offer", "answer",
    "authorization", "peer", "capabilities", "expiryTimeSeconds", "code", "message", "profile",
)  # fmt: skip
WORDS = tuple(
    f'"{word}"'.encode()
    for word in (
        *METHODS, *NAMES, *PEOPLE.values(), *(f"{name}-token" for name in PEOPLE.values()), "2.0",
        *(f"call_{number}" for number in range(1, 8)),
    )
)  # fmt: skip
VALUES = (
    *WORDS, b"0", b"1", b"2", b"3", b"-1", b"1.5", b"1e999", b"9" * 30, b"null", b"true", b"{}",
    b"[]", b'""', b"[" * 995 + b"]" * 995, b'"\xff"', b'"\\ud800"', b'"\\u0000"',
)  # fmt: skip
TOKEN = re.compile(rb'"[^"]*"|-?\d[\d.eE+-]*|true|false|null|\{\}|\[\]')

places = st.integers(0, 10_000)
changes = st.one_of(
    st.tuples(st.just("value"), places, places, st.sampled_from(VALUES)),
    st.tuples(st.just("bytes"), places, places, st.binary(max_size=4)),
    st.tuples(st.just("cut"), places, places, st.binary(min_size=1, max_size=20)),
    st.tuples(st.just("splice"), places, places, st.just(b"")),
    st.tuples(st.just("drop"), places, places, st.just(b"")),
    st.tuples(st.just("again"), places, places, st.just(b"")),
    st.tuples(st.just("by another"), places, places, st.just(b"")),
)
Change = tuple[str, int, int, bytes]


def changed(said: list[Input], change: Change) -> None:
    """Change something about one of the inputs. `where` and `at` count round and round."""
    kind, where, at, new = change
    number = where % len(said)
    it = said[number]
    match kind:
        case "value" if found := list(TOKEN.finditer(it.frame)):
            token = found[at % len(found)]
            frame = it.frame[: token.start()] + new + it.frame[token.end() :]
            said[number] = replace(it, frame=frame)
        case "bytes" | "cut":
            begin = at % (len(it.frame) + 1)
            end = begin + (len(new) if kind == "cut" else 0)
            frame = it.frame[:begin] + (b"" if kind == "cut" else new) + it.frame[end:]
            said[number] = replace(it, frame=frame)
        case "splice":
            other = said[at % len(said)].frame
            half = it.frame[: len(it.frame) // 2] + other[len(other) // 2 :]
            said[number] = replace(it, frame=half)
        case "drop" if len(said) > 1:
            del said[number]
        case "again":
            said.insert(at % (len(said) + 1), it)
        case "by another":
            said[number] = replace(it, who=at % len(PEOPLE) + 1)
        case _:
            pass


@pytest.mark.parametrize("which", [0, 1], ids=["two homes", "second thoughts"])
@pytest.mark.parametrize("nodes", [1, 2])
@given(change=st.lists(changes, min_size=1, max_size=6), cameras_first=st.booleans())
def test_a_changed_dialogue_reaches_only_whom_it_should(
    nodes: int, which: int, change: list[Change], cameras_first: bool
):
    said = list(dialogues(nodes)[which])
    for one in change:
        changed(said, one)
    play = Watched(nodes)
    for it in said:
        play.happens(it)
    play.everybody_leaves(cameras_first=cameras_first)


@pytest.mark.parametrize("nodes", [1, 2])
def test_the_dialogues_unchanged_say_all_that_there_is_to_say(nodes: int):
    """A fuzzer that starts from little finds little."""
    spoken = b"".join(it.frame for dialogue in dialogues(nodes) for it in dialogue)
    for method in METHODS:
        assert f'"{method}"'.encode() in spoken, method
    for dialogue in dialogues(nodes):
        play = Watched(nodes)
        for it in dialogue:
            play.happens(it)
        assert play.owners["call_1"].camera
        play.everybody_leaves()


# ---- found by it


@pytest.mark.parametrize(
    "said",
    [
        b'{"jsonrpc":"2.0","id":"\xff","method":"connect"}',
        b'{"jsonrpc":"2.0","id":1,"method":"connect","params":{"peer":"\xff","authorization":""}}',
        b'{"jsonrpc":"2.0","method":"trickle","params":{"session":"call_1","candidate":"\xff"}}',
    ],
    ids=["id", "parameter", "passed on"],
)
def test_what_is_no_text_is_no_message(said: bytes):
    with pytest.raises(Unreadable) as reason:
        messages.parse(said)
    assert reason.value.fault is faults.PARSE


def test_what_is_nested_too_deeply_for_the_second_reader_is_a_fault_and_no_surprise():
    """A reader with a little less stack than the one before it, or with a little more."""
    for depth in range(850, 1_000):
        play = Watched(1)
        for it in dialogues(1)[0][:10]:
            play.happens(it)
        deep = b"[" * depth + b"]" * depth
        params = b'{"session":"call_1","peer":"cam_porch","authorization":"x","profile":%s}' % deep
        frame = b'{"jsonrpc":"2.0","id":9,"method":"connect","params":%s}' % params
        play.happens(Input(2, "heard", frame))
