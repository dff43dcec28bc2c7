"""A real browser as the phone: headless Chromium, one fresh page for each run."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

from playwright.async_api import async_playwright

from devices.viewer.phone import Phone

CHROMIUM: Final = "/usr/bin/chromium"  # Debian's
# As root there is no sandbox; the rest keeps the browser from talking to anybody but us.
QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FLAGS: Final = (*QUIET, "--autoplay-policy=no-user-gesture-required")

# Opens the socket, registers, calls, answers, and resolves with the seconds to the first frame
# that the compositor was given.
WATCH: Final = """
async ({ url, token, camera }) => {
  const began = performance.now();
  const connection = new RTCPeerConnection();
  const video = document.createElement("video");
  video.muted = video.autoplay = video.playsInline = true;
  document.body.append(video);
  connection.ontrack = ({ track }) => { video.srcObject = new MediaStream([track]); };
  const socket = new WebSocket(url, "webrtc.onvif.org");
  const say = (message) => socket.send(JSON.stringify({ jsonrpc: "2.0", ...message }));
  const first = new Promise((resolve, reject) => {
    video.requestVideoFrameCallback(() => resolve((performance.now() - began) / 1000));
    setTimeout(() => reject(new Error("no picture in 15 s")), 15000);
    socket.onclose = ({ code, reason }) => reject(new Error(`closed ${code} ${reason}`));
    socket.onopen = () => {
      say({ id: 1, method: "register", params: { authorization: token } });
      say({ id: 2, method: "connect", params: { peer: camera, authorization: token } });
    };
    socket.onmessage = async ({ data }) => {
      const { id, method, params, error } = JSON.parse(data);
      if (error) return reject(new Error(`${error.code} ${error.message}`));
      if (method === "invite") {
        const { session, offer } = params;
        connection.onicecandidate = ({ candidate }) =>
          say({ method: "trickle", params: { session, candidate: candidate ?? "" } });
        await connection.setRemoteDescription({ type: "offer", sdp: offer });
        await connection.setLocalDescription();
        say({ id, result: { answer: connection.localDescription.sdp } });
      } else if (method === "trickle" && params.candidate?.candidate) {
        connection.addIceCandidate(params.candidate);
      }
    };
  });
  try {
    return await first;
  } finally {
    socket.onclose = null;
    socket.close();
    connection.close();
  }
}
"""


class House(Protocol):
    """Where a page comes from, whom it calls and as whom."""

    @property
    def url(self) -> str:
        """The address of its HTTP server."""
        ...

    @property
    def signaling_url(self) -> str:
        """The address of its gateway."""
        ...

    @property
    def phone(self) -> Phone:
        """A phone that is signed in."""
        ...

    @property
    def camera_id(self) -> str:
        """The camera to call."""
        ...


@asynccontextmanager
async def chromium_viewer(house: House) -> AsyncGenerator[Callable[[], Awaitable[float]], None]:
    """A browser that is open; each call of what it gives takes a fresh page to the first frame.

    That gives seconds, and raises playwright's Error with the reason where no picture comes.
    """
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))

        async def first_frame() -> float:
            page = await browser.new_page()
            await page.goto(f"{house.url}/healthz")  # an origin that the gateway knows, no app
            asked: dict[str, Any] = {
                "url": house.signaling_url,
                "token": house.phone.access_token,
                "camera": house.camera_id,
            }
            took = float(await page.evaluate(WATCH, asked))
            await page.close()
            return took

        yield first_frame
        await browser.close()
