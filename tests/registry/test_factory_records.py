"""The factory's file: a fault is told by line and field, and nothing of the file is repeated."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.registry import factory_records
from devices.registry.factory_records import FactoryFileRefused, read_records
from tests.registry.keys import HEADER, FactoryCamera, factory_file, jwk_of, new_key

ONE, TWO = FactoryCamera("SN-1001"), FactoryCamera("SN-1002", "SH-C2", "US")


def refusal(content: bytes) -> FactoryFileRefused:
    with pytest.raises(FactoryFileRefused) as refused:
        read_records(content)
    return refused.value


def changed(place: int, value: str) -> bytes:
    record = TWO.record()
    record[place] = value
    return factory_file([ONE.record(), record])


def test_a_file_is_read_in_its_order():
    records = read_records(factory_file([TWO.record(), ONE.record()]))
    assert [(it.serial, it.model, it.region) for it in records] == [
        ("SN-1002", "SH-C2", "US"),
        ("SN-1001", "SH-C1", "DE"),
    ]
    assert records[1].key.jwk() == jwk_of(ONE.key)


def test_a_byte_order_mark_and_other_line_ends_do_no_harm():
    plain = factory_file([ONE.record()])
    assert len(read_records(b"\xef\xbb\xbf" + plain)) == 1
    assert len(read_records(plain.replace(b"\r\n", b"\n") + b"\n\n")) == 1


def test_a_header_alone_brings_no_cameras():
    assert read_records(factory_file([])) == []


@pytest.mark.parametrize(
    ("content", "line", "field"),
    [
        (b"", 1, "header"),
        (factory_file([ONE.record()], "serial,model,region,key"), 1, "header"),
        (factory_file([ONE.record()], HEADER + ",note"), 1, "header"),
        (b"\xff\xfe" + factory_file([]), 1, "file"),
        (factory_file([ONE.record()]) + b"\xff", 3, "file"),
        (factory_file([]) + b'SN-1,"x', 2, "file"),
        (factory_file([ONE.record(), TWO.record()[:3]]), 3, "record"),
        (changed(0, ""), 3, "serial"),
        (changed(0, "SN 1002"), 3, "serial"),
        (changed(0, "S" * 65), 3, "serial"),
        (changed(1, "SH-X9"), 3, "model"),
        (changed(2, "de"), 3, "region"),
        (changed(2, "Germany"), 3, "region"),
        (changed(3, "{}"), 3, "public_key"),
        (changed(3, "not JSON"), 3, "public_key"),
        (changed(3, "x" * 600), 3, "public_key"),
        (changed(3, json.dumps({**jwk_of(new_key()), "d": "A" * 43})), 3, "public_key"),
        (changed(3, ONE.record()[3]), 3, "public_key"),
        (changed(0, "SN-1001"), 3, "public_key"),
    ],
    ids=[
        "empty",
        "other header",
        "longer header",
        "UTF-16",
        "a stray byte",
        "a quote left open",
        "three fields",
        "no serial",
        "a space in the serial",
        "a long serial",
        "unknown model",
        "small letters",
        "a country's name",
        "an empty key",
        "no JSON",
        "a long key",
        "a private key",
        "another's key",
        "another's serial",
    ],
)
def test_a_fault_is_told_by_line_field_and_remedy(content: bytes, line: int, field: str):
    refused = refusal(content)
    assert (refused.line, refused.field) == (line, field)
    assert refused.remedy
    assert str(refused).startswith(f"line {line}, {field}: ")


def test_no_error_repeats_what_the_file_says():
    for place, value in enumerate(["SN secret", "secret", "secret", '{"secret":1}']):
        assert "secret" not in str(refusal(changed(place, value)))


def test_the_same_record_twice_is_one_camera():
    assert len(read_records(factory_file([ONE.record(), ONE.record()]))) == 1


def test_sizes_are_limited(monkeypatch: pytest.MonkeyPatch):
    content = factory_file([ONE.record(), TWO.record()])
    monkeypatch.setattr(factory_records, "MOST_RECORDS", 1)
    assert refusal(content).line == 3
    monkeypatch.setattr(factory_records, "MOST_BYTES", 10)
    assert refusal(content).field == "file"


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail_in_another_way(content: bytes):
    with suppress(FactoryFileRefused):
        read_records(HEADER.encode() + b"\n" + content)
