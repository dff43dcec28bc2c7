"""Taking in the factory's file: all of it or nothing, as often as one likes."""

import asyncio

import pytest

from devices.registry.factory_import import Imported, import_file
from devices.registry.factory_records import FactoryFileRefused
from devices.registry.tables import Device
from tests.registry.keys import FactoryCamera, factory_file
from tests.registry.world import World

ONE, TWO = FactoryCamera("SN-0001"), FactoryCamera("SN-0002", "SH-C2", "US")


async def take_in(world: World, content: bytes, name: str = "factory.csv") -> Imported:
    path = world.folder / name
    path.write_bytes(content)
    parts = world.house.foundation
    return await import_file(parts.database, parts.ids, parts.clock, path)


async def test_a_file_brings_its_cameras(world: World):
    done = await take_in(world, factory_file([ONE.record(), TWO.record()]))
    assert done == Imported(new=2, known=0)
    devices = {it.serial: it for it in await world.rows(Device)}
    assert (devices["SN-0002"].model, devices["SN-0002"].region) == ("SH-C2", "US")
    assert devices["SN-0001"].epoch == 0


async def test_the_same_file_again_changes_nothing(world: World):
    await take_in(world, factory_file([ONE.record()]))
    before = await world.rows(Device)
    world.clock.advance(days=1)
    done = await take_in(world, factory_file([ONE.record(), TWO.record()]))
    assert done == Imported(new=1, known=1)
    assert before[0] in await world.rows(Device)


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (FactoryCamera("SN-0001"), "public_key"),
        (FactoryCamera("SN-0001", "SH-C2", "DE", ONE.key), "model"),
        (FactoryCamera("SN-0001", "SH-C1", "US", ONE.key), "region"),
        (FactoryCamera("SN-0009", "SH-C1", "DE", ONE.key), "public_key"),
    ],
)
async def test_what_is_known_is_never_overwritten_and_nothing_else_gets_in(
    world: World, other: FactoryCamera, field: str
):
    await take_in(world, factory_file([ONE.record()]))
    before = await world.rows(Device)
    with pytest.raises(FactoryFileRefused) as refused:
        await take_in(world, factory_file([TWO.record(), other.record()]))
    assert (refused.value.line, refused.value.field) == (3, field)
    assert "SN-" not in str(refused.value)
    assert await world.rows(Device) == before


async def test_a_fault_in_the_last_line_leaves_out_all_others(world: World):
    many = [FactoryCamera(f"SN-1{number:04}", key=ONE.key) for number in range(2)]
    with pytest.raises(FactoryFileRefused):
        await take_in(world, factory_file(camera.record() for camera in many))
    assert await world.rows(Device) == []


async def test_more_cameras_than_one_query_takes(world: World):
    records = [FactoryCamera(f"SN-{number:05}").record() for number in range(1_100)]
    assert (await take_in(world, factory_file(records))).new == 1_100
    assert (await take_in(world, factory_file(records))).known == 1_100


async def test_two_imports_at_once_leave_each_camera_once(world: World):
    content = factory_file(FactoryCamera(f"SN-{number:05}").record() for number in range(50))
    done = await asyncio.gather(
        *(take_in(world, content, f"{number}.csv") for number in range(3)), return_exceptions=True
    )
    assert any(isinstance(it, Imported) and it.new == 50 for it in done)
    for fault in done:
        assert isinstance(fault, Imported | FactoryFileRefused)
    assert len(await world.rows(Device)) == 50
