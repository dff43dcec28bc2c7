"""The main job, step by step: from a camera's key to a look that the owner can read about."""

import asyncio
import re
import secrets
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Final, TypeVar

import httpx

from devices.viewer.phone import Members, PairedCamera, Phone
from devices.viewer.qr_scene import show_video
from devices.viewer.watching import Watching, node_of
from server.demo.journal import Journal, StepFailed
from server.demo.processes import ProcessDied, RunningProcess, attended, milestone, run_once

T = TypeVar("T")

EMAIL: Final = "demo@secuhome.example"
STAFF: Final = "demo-staff"
SERIAL: Final = "SH-DEMO-0001"
CASE: Final = "2026-000123"
FRAMES: Final = 30  # a second of pictures
TRIES: Final = 20  # that of two nodes it is always the same happens once in a million runs


@dataclass(slots=True)
class Story:
    """What the steps hand on to each other."""

    journal: Journal
    folder: Path
    url: str
    env: dict[str, str]
    phone: Phone
    camera: RunningProcess
    servers: tuple[RunningProcess, ...]
    nodes: int = 1
    password: str = field(default_factory=lambda: secrets.token_urlsafe(15))
    staff_password: str = field(default_factory=lambda: secrets.token_urlsafe(15))

    async def tell(self) -> None:
        """Every step, in order. Raises StepFailed at the first that doesn't hold.

        A camera or server that dies meanwhile ends it at once.
        """
        try:
            await attended(self._steps(), (self.camera, *self.servers))
        except ProcessDied as why:
            self.journal.say(f"  ✗ {why}")
            raise

    async def _steps(self) -> None:
        await self._camera_registers()
        await self._account()
        await self._sign_in()
        camera = await self._pair()
        await self._warranty(camera)
        await self._watch(camera)
        await self._support()

    async def _camera_registers(self) -> None:
        async with self.journal.step("camera registered with its own key") as facts:
            told = await milestone(self.camera, "registered")
            facts.append(f"{SERIAL} signed in by its key as {told.get('id', 'a camera')}")

    async def _account(self) -> None:
        async with self.journal.step("account made, policy shown and accepted") as facts:
            registration = await self.phone.register(EMAIL, self.password, "PT", name="Demo")
            await self.phone.confirm(registration, await code_in_mail(self.folder / "mail"))
            policy = await self.phone.policy()
            key_terms = len(re.findall(r"<strong", policy["html"]))
            await self.phone.accept_policy(policy)
            facts.append(f"policy {policy['version']}, {key_terms} key terms set off, accepted")

    async def _sign_in(self) -> None:
        async with self.journal.step("signed in, coarse place recorded") as facts:
            session = await self.phone.sign_in(EMAIL, self.password)
            place = session["place"]["text"]
            if place == "unknown":
                raise StepFailed("the place is unknown; the demo's proxy was not believed")
            facts.append(f"place: {place} (from the proxy's word and the demo's GeoIP file)")

    async def _pair(self) -> PairedCamera:
        async with self.journal.step(
            "camera paired by a QR that it read through its lens"
        ) as facts:
            shown = await self.phone.start_pairing("Porch")
            before_lens = self.folder / "lens.ts"
            drawn = self.folder / "lens.part.ts"
            await asyncio.to_thread(show_video, shown.code, drawn)
            drawn.rename(before_lens)
            camera = await self.phone.finish_pairing(shown)
            await milestone(self.camera, "online")
            facts.append("the camera proved that it saw the screen, the phone checked it")
            return camera

    async def _warranty(self, camera: PairedCamera) -> None:
        async with self.journal.step("warranty activated") as facts:
            first = await self.phone.activate_warranty(camera.id)
            again = await self.phone.activate_warranty(camera.id)
            if again != first or first["state"] != "active":
                raise StepFailed("activating twice did not give the same warranty")
            facts.append(f"{first['model']}, {first['region']}: until {first['ends_on']}")

    async def _watch(self, camera: PairedCamera) -> None:
        async with self.journal.step("live video seen by the phone") as facts:
            watching = await self._watched(camera, facts)
            async with watching:
                frames = await watching.frames(FRAMES)
                width, height = watching.resolution
                facts.append(
                    f"{width}×{height} {watching.codec}, first frame after "
                    f"{watching.first_frame_s * 1000:.0f} ms, {watching.path}, "
                    f"{frames} frames decoded"
                )

    async def _watched(self, camera: PairedCamera, facts: list[str]) -> Watching:
        """Pictures of the camera; over two nodes where there are several. Raises StepFailed.

        The kernel chooses the node that a socket comes to, so we try until it is another one.
        """
        for _ in range(TRIES):
            watching = await self.phone.watch(camera.id)
            if self.nodes == 1:
                return watching
            camera_node = node_of((await milestone(self.camera, "registered"))["epoch"])
            if watching.node not in ("", camera_node):
                facts.append(f"the camera is at {camera_node}, the phone at {watching.node}")
                return watching
            await watching.close()
        raise StepFailed(f"in {TRIES} tries phone and camera never were at different nodes")

    async def _support(self) -> None:
        async with self.journal.step(
            "support looked the warranty up, the owner can read it"
        ) as facts:
            told = await self._look_up()
            events = await self.phone.history()
            looks = [event for event in events if event["kind"] == "support_looked_up"]
            if not looks or CASE not in looks[0]["text"]:
                raise StepFailed("the look is not in the owner's history")
            facts.append(f"support saw: {told['model']}, {told['region']}, {_state(told)}")
            facts.append(f"the owner reads: “{looks[0]['text']}”")

    async def _look_up(self) -> Members:
        await run_once(self.env, "staff-add", STAFF, stdin=self.staff_password + "\n")
        async with httpx.AsyncClient(base_url=self.url) as http:
            sign_in = {"name": STAFF, "password": self.staff_password}
            session = (await http.post("/v1/staff/sessions", json=sign_in)).raise_for_status()
            bearer = {"Authorization": f"Bearer {session.json()['access_token']}"}
            look = {"case_number": CASE, "reason": "Owner asks for the end date", "serial": SERIAL}
            answer = await http.post("/v1/support/lookups", json=look, headers=bearer)
            return answer.raise_for_status().json()


async def code_in_mail(folder: Path, within: float = 10.0) -> str:
    """The six digits in the newest letter. Raises StepFailed after `within` seconds."""
    try:
        async with asyncio.timeout(within):
            while not (letters := sorted(folder.glob("*.eml"))):
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise StepFailed("no letter with a code came") from None
    letter = message_from_bytes(letters[-1].read_bytes())
    if found := re.search(r"\b\d{6}\b", letter.get_payload(decode=True).decode()):  # pyright: ignore[reportAttributeAccessIssue] - one part, decoded to bytes
        return found.group()
    raise StepFailed("the letter holds no code")


def _state(told: Members) -> str:
    return f"warranty {told['warranty']['state']} until {told['warranty']['ends_on']}"
