// @ts-check
/**
 * The viewer's end of signaling: JSON-RPC 2.0 over a WebSocket (ONVIF WebRTC), without any media.
 *
 * The page can't set headers on a WebSocket, and a token in the address would end up in logs, so
 * the token goes into `register`. The camera offers and the client answers: after `connect` the
 * next word is the camera's `invite`.
 */
import { Problem, unreachable } from "./problem.js";

const SUBPROTOCOL = "webrtc.onvif.org";

/**
 * @typedef {object} Heard  what the other side may say
 * @property {(session: string, sdp: string, reply: (answer: string) => void) => Promise<void>} offered
 * @property {(session: string, candidate: RTCIceCandidateInit | null) => void} candidate  null: no more
 * @property {(session: string, fault: Fault) => void} ended
 * @property {() => void} held  the camera is coming back; the call waits for it
 *
 * @typedef {{code: number, message: string}} Fault
 *
 * @typedef {object} Call
 * @property {string} session
 * @property {RTCIceServer[]} [iceServers]
 * @property {number} [expiryTimeSeconds]
 */

/** A JSON-RPC error object as something that can be thrown. */
export class SignalingFault extends Error {
  /** @param {Fault} fault */
  constructor({ code, message }) {
    super(message);
    this.code = code;
  }
}

export class Signaling {
  /** @type {WebSocket | null} */
  #socket = null;
  #lastId = 0;
  /** @type {Map<number, {resolve: (result: any) => void, reject: (fault: Error) => void}>} */
  #open = new Map();
  /** @type {Heard} */
  #heard;

  /** @param {Heard} heard */
  constructor(heard) {
    this.#heard = heard;
  }

  /**
   * Open the socket and register.
   * @param {string} url
   * @param {string} token
   * @returns {Promise<void>}
   * @throws {Problem} if the gateway can't be reached
   * @throws {SignalingFault} 401 if the token doesn't count
   */
  async start(url, token) {
    const socket = new WebSocket(url, SUBPROTOCOL);
    this.#socket = socket;
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(unreachable());
      socket.onclose = () => reject(unreachable());
    });
    socket.onmessage = (event) => this.#receive(String(event.data));
    socket.onclose = () => this.#closed();
    await this.#request("register", { authorization: token });
  }

  /**
   * @param {string} peer  the camera's id
   * @param {string} authorization
   * @returns {Promise<Call>}
   * @throws {SignalingFault} 403 not ours, 480 away, and others
   */
  call(peer, authorization) {
    return this.#request("connect", { peer, authorization });
  }

  /** @param {string} session @param {string} authorization @returns {Promise<{expiryTimeSeconds: number}>} */
  extend(session, authorization) {
    return this.#request("extend", { session, authorization });
  }

  /** @param {string} session @param {RTCIceCandidateInit | null} candidate  null: no more */
  candidate(session, candidate) {
    this.#send({ method: "trickle", params: { session, candidate: candidate ?? { candidate: "" } } });
  }

  /** Leave on purpose, so that nobody waits for us to come back. */
  stop() {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#lastId += 1;
      this.#send({ id: this.#lastId, method: "unregister" });
    }
    this.#socket?.close(1000);
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** @param {object} message */
  #send(message) {
    if (this.isOpen) this.#socket?.send(JSON.stringify({ jsonrpc: "2.0", ...message }));
  }

  /** @param {string} method @param {object} params @returns {Promise<any>} */
  #request(method, params) {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.#send({ id, method, params });
    });
  }

  /** @param {string} text */
  #receive(text) {
    const message = JSON.parse(text);
    if (message.method) this.#asked(message);
    else if (message.id !== undefined && message.id !== null) this.#answered(message);
    else if (message.error) this.#faulted(message.error); // the standard's bare error object
  }

  /** @param {{id: number, result?: unknown, error?: Fault}} message */
  #answered({ id, result, error }) {
    const waiting = this.#open.get(id);
    this.#open.delete(id);
    if (error) waiting?.reject(new SignalingFault(error));
    else waiting?.resolve(result);
  }

  /** @param {{id?: number | string, method: string, params?: any}} message */
  #asked({ id, method, params = {} }) {
    if (method === "invite") void this.#invited(id, params);
    else if (method === "trickle") this.#heard.candidate(params.session, candidateIn(params.candidate));
    else if (method === "error") this.#faulted(params);
    else if (method === "secuhome.held") this.#heard.held();
    else if (id !== undefined) {
      this.#send({ id, error: { code: -32601, message: `${method} is not known here` } });
    }
  }

  /** @param {number | string | undefined} id @param {{session: string, offer: string}} params */
  async #invited(id, { session, offer }) {
    try {
      await this.#heard.offered(session, offer, (answer) => this.#send({ id, result: { answer } }));
    } catch (fault) {
      this.#send({ id, error: { code: 400, message: "the offer can't be used" } });
      throw fault;
    }
  }

  /** @param {Fault & {session?: string}} fault */
  #faulted({ code, message, session }) {
    this.#heard.ended(session ?? "", { code, message });
  }

  #closed() {
    const gone = new Problem(0, {
      code: "signaling_gone",
      title: "The connection broke while the call was being set up",
      remedy: "Try again in a moment.",
    });
    for (const { reject } of this.#open.values()) reject(gone);
    this.#open.clear();
  }
}

/**
 * The end of the list is written in four ways; all of them mean null.
 * @param {RTCIceCandidateInit | string | null | undefined} said
 * @returns {RTCIceCandidateInit | null}
 */
function candidateIn(said) {
  if (!said || typeof said === "string" || !said.candidate) return null;
  return said;
}
