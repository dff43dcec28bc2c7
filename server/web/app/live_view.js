// @ts-check
/**
 * One call: from the wish to watch to the picture, and what is known about it meanwhile.
 *
 * Candidates go both ways as they are found, and the camera's are added side by side: awaited one
 * after the other, each `.local` name would cost a second. Once pictures flow, the signaling
 * socket may go: the call doesn't need it.
 */
import { api, freshToken } from "./api.js";
import { atFirst, connectionBroke, inWords, noWayThrough, tooSlow } from "./live_state.js";
import { asProblem, wasStopped } from "./problem.js";
import { Signaling, SignalingFault } from "./signaling.js";

/** @typedef {import("./live_state.js").LiveState} LiveState */

const STATS_EVERY_MS = 500;
const PICTURE_WITHIN_MS = 20_000; // a held call of 8 s, then a slow relay; past that nobody waits
const LOOK_AGAIN_MS = 4_000; // a phone that changes networks is back within this, or not at all

export class LiveView {
  #video;
  #report;
  #began = performance.now();
  /** @type {LiveState} */
  #state = atFirst();
  /** @type {RTCPeerConnection | null} */
  #peer = null;
  /** @type {(RTCIceCandidateInit | null)[] | null} */
  #early = []; // candidates heard before the offer; null once it is here
  #session = "";
  #signaling;
  /** @type {number[]} */
  #timers = [];

  /**
   * @param {HTMLVideoElement} video
   * @param {(state: LiveState) => void} report  called at each change
   */
  constructor(video, report) {
    this.#video = video;
    this.#report = report;
    this.#signaling = new Signaling({
      offered: (session, sdp, reply) => this.#answer(session, sdp, reply),
      candidate: (session, candidate) => this.#heardCandidate(session, candidate),
      ended: (session, fault) => this.#ended(session, fault),
      held: () => this.#is({ phase: "held" }),
    });
  }

  /** @param {string} cameraId @returns {Promise<void>} when the camera has been called, or can't be */
  async start(cameraId) {
    this.#report(this.#state);
    this.#after(PICTURE_WITHIN_MS, () => {
      if (this.#state.firstFrameMs === null) this.#fail(tooSlow());
    });
    try {
      const [{ url }, token] = await Promise.all([api.signaling(), freshToken()]);
      if (this.#over) return;
      await this.#signaling.start(url, token);
      const call = await this.#signaling.call(cameraId, token);
      this.#called(call);
    } catch (fault) {
      if (!wasStopped(fault)) this.#fail(inWords(fault));
    }
  }

  /** Hang up and let go of everything. Can be called at any moment, and twice. */
  stop() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.#signaling.stop();
    this.#peer?.close();
    this.#video.srcObject = null;
    if (!this.#over) this.#state = { ...this.#state, phase: "ended" };
  }

  get #over() {
    return this.#state.phase === "failed" || this.#state.phase === "ended";
  }

  /** @param {Partial<LiveState>} change */
  #is(change) {
    if (this.#over) return;
    this.#state = { ...this.#state, ...change };
    this.#report(this.#state);
  }

  /** @param {unknown} fault @param {"failed" | "ended"} [phase] */
  #fail(fault, phase = "failed") {
    if (this.#over) return;
    this.#is({ phase, problem: asProblem(fault) });
    this.stop();
  }

  /** @param {number} ms @param {() => void} work */
  #after(ms, work) {
    this.#timers.push(window.setTimeout(work, ms));
  }

  /** @param {import("./signaling.js").Call} call  allowed; the offer is on its way */
  #called({ session, iceServers, expiryTimeSeconds }) {
    this.#session = session;
    this.#is({ phase: "joining" });
    if (expiryTimeSeconds) this.#keepAlive(expiryTimeSeconds);
    const peer = new RTCPeerConnection({ iceServers: iceServers ?? [], bundlePolicy: "max-bundle" });
    this.#peer = peer;
    peer.ontrack = ({ track, streams }) => this.#gotTrack(track, streams[0]);
    peer.onconnectionstatechange = () => this.#pathChanged(peer.connectionState);
  }

  /**
   * The camera's offer. It makes the transceivers; we only receive.
   * @param {string} session
   * @param {string} sdp
   * @param {(answer: string) => void} reply
   */
  async #answer(session, sdp, reply) {
    const peer = this.#peer;
    if (!peer || session !== this.#session) throw new Error("an offer for no call of ours");
    await peer.setRemoteDescription({ type: "offer", sdp });
    for (const transceiver of peer.getTransceivers()) {
      if (transceiver.direction !== "stopped") transceiver.direction = "recvonly";
    }
    const early = this.#early ?? [];
    this.#early = null;
    for (const candidate of early) this.#addCandidate(candidate);

    /** @type {(RTCIceCandidateInit | null)[] | null} */
    let found = []; // our own, kept back until the answer is out: they make no sense before it
    peer.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate === "") return; // ends one generation; null ends the list
      const one = candidate?.toJSON() ?? null;
      if (found) found.push(one);
      else this.#signaling.candidate(session, one);
    };
    await peer.setLocalDescription();
    reply(peer.localDescription?.sdp ?? "");
    for (const one of found) this.#signaling.candidate(session, one);
    found = null;
  }

  /** @param {string} session @param {RTCIceCandidateInit | null} candidate */
  #heardCandidate(session, candidate) {
    if (session !== this.#session) return;
    if (this.#early) this.#early.push(candidate);
    else this.#addCandidate(candidate);
  }

  /** @param {RTCIceCandidateInit | null} candidate  not awaited, on purpose */
  #addCandidate(candidate) {
    if (candidate === null) return; // the end of the list changes nothing for a viewer
    this.#peer?.addIceCandidate(candidate).catch(() => {
      // a candidate of a kind that this browser doesn't know; the others may do
    });
  }

  /** @param {MediaStreamTrack} track @param {MediaStream | undefined} stream */
  #gotTrack(track, stream) {
    if (track.kind === "audio") this.#is({ hasSound: true });
    if (this.#video.srcObject === null) {
      this.#video.srcObject = stream ?? new MediaStream([track]);
      this.#video.requestVideoFrameCallback((now) => this.#firstFrame(now));
      this.#video.play().catch(() => {
        // stopped before it began, or a browser in power saving: the play button stays
      });
    } else if (!stream) {
      /** @type {MediaStream} */ (this.#video.srcObject).addTrack(track);
    }
  }

  /** @param {number} now */
  #firstFrame(now) {
    this.#is({ phase: "playing", firstFrameMs: Math.round(now - this.#began),
      width: this.#video.videoWidth, height: this.#video.videoHeight });
    void this.#readStats();
  }

  /** @param {RTCPeerConnectionState} state */
  #pathChanged(state) {
    if (state === "failed") {
      this.#fail(this.#state.firstFrameMs === null ? noWayThrough() : connectionBroke());
    } else if (state === "disconnected") {
      this.#is({ phase: "interrupted" });
    } else if (state === "connected" && this.#state.phase === "interrupted") {
      this.#is({ phase: "playing" });
    }
  }

  /** @param {string} session @param {import("./signaling.js").Fault} fault */
  #ended(session, { code, message }) {
    if (session && session !== this.#session) return;
    // pictures outlive sockets: a camera that merely lost its own may still be sending
    if (code === 1002 && this.#state.phase === "playing") return;
    this.#fail(inWords(new SignalingFault({ code, message })), "ended");
  }

  /** @param {number} seconds  that the session still lasts */
  #keepAlive(seconds) {
    this.#after(seconds * 500, async () => { // half of it, so that one failure leaves time for a second try
      try {
        const { expiryTimeSeconds } = await this.#signaling.extend(this.#session, await freshToken());
        this.#keepAlive(expiryTimeSeconds);
      } catch {
        if (this.#signaling.isOpen && seconds > LOOK_AGAIN_MS / 500) this.#keepAlive(seconds / 2);
      }
    });
  }

  async #readStats() {
    if (this.#over || !this.#peer) return;
    this.#is(summary(await this.#peer.getStats()));
    this.#after(STATS_EVERY_MS, () => void this.#readStats());
  }
}

/**
 * @param {RTCStatsReport} report
 * @returns {Partial<LiveState>} what is known of the video and of the way it takes
 */
export function summary(report) {
  /** @type {Partial<LiveState>} */
  const known = {};
  for (const one of report.values()) {
    if (one.type === "inbound-rtp" && one.kind === "video") {
      known.framesDecoded = one.framesDecoded ?? 0;
      if (one.frameWidth) [known.width, known.height] = [one.frameWidth, one.frameHeight];
      known.codec = report.get(one.codecId)?.mimeType?.split("/")[1] ?? "";
    }
    if (one.type === "transport" && one.selectedCandidatePairId) {
      const pair = report.get(one.selectedCandidatePairId);
      known.localCandidate = report.get(pair?.localCandidateId)?.candidateType ?? "";
      known.remoteCandidate = report.get(pair?.remoteCandidateId)?.candidateType ?? "";
      known.path = [known.localCandidate, known.remoteCandidate].includes("relay")
        ? "relayed" : "direct";
    }
  }
  return known;
}
