// @ts-check
/** Watch live: the picture, and in small letters how it got here. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { LiveView } from "../live_view.js";
import { button, facts, linkButton, page, problemNotice } from "../parts.js";

/** @typedef {import("../live_state.js").LiveState} LiveState */

/** @type {Record<LiveState["phase"], string>} */
const SAID = {
  asking: "Calling the camera",
  held: "The camera is coming back, one moment",
  joining: "Opening the picture",
  playing: "Live",
  interrupted: "The connection falters",
  failed: "",
  ended: "",
};
const PATHS = { "": "—", direct: "Peer to peer", relayed: "Relayed, still encrypted end to end" };

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function watchView({ params: { id }, abort }) {
  const name = h("h1", { tabindex: -1 }, "Live");
  const video = h("video", { autoplay: true, playsinline: true, "aria-label": "Live picture" });
  video.muted = true; // as a property: the attribute alone doesn't count for autoplay on created elements
  const over = h("div", { class: "stage-over" });
  const status = h("p", { class: "stage-status", role: "status" });
  const controls = h("div", { class: "stage-controls" });
  const stage = h("div", { class: "stage" }, video, over, status, controls);
  const details = h("div", {});
  const root = h("section", { class: "live", "data-live": "asking", "aria-label": "Live view" },
    stage, details);

  /** @type {LiveView | null} */
  let call = null;
  const start = () => {
    call?.stop();
    fill(over);
    call = new LiveView(video, (state) => draw({ root, over, status, controls, details, stage, video },
      state, start));
    void call.start(id);
  };
  abort.addEventListener("abort", () => call?.stop());
  start();
  void api.camera(id, abort).then((camera) => {
    name.textContent = camera.name;
    document.title = `${camera.name} · SecuHome`;
    video.setAttribute("aria-label", `Live picture of ${camera.name}`);
  }).catch(() => {
    // the call itself says what is wrong, in better words
  });

  const shell = page({ title: "Live", back: { path: "/cameras", text: "Cameras" },
    action: linkButton("Settings", `/cameras/${id}`, { icon: "sliders" }) }, root);
  shell.querySelector("h1")?.replaceWith(name);
  return { title: "Live", page: shell, focus: name };
}

/**
 * @typedef {{root: HTMLElement, over: HTMLElement, status: HTMLElement, controls: HTMLElement,
 *   details: HTMLElement, stage: HTMLElement, video: HTMLVideoElement}} Parts
 *
 * @param {Parts} parts
 * @param {LiveState} state
 * @param {() => void} again
 */
function draw(parts, state, again) {
  const before = parts.root.dataset.live;
  expose(parts.root, state);
  drawDetails(parts.details, state);
  if (before === state.phase && parts.status.textContent) return drawControls(parts, state);
  const said = SAID[state.phase];
  parts.status.className = `stage-status ${state.phase}`;
  fill(parts.status, said && h("span", { class: state.phase === "playing" ? "pulse" : "spinner",
    "aria-hidden": "true" }), said);
  drawControls(parts, state);
  if (state.problem) {
    fill(parts.over, problemNotice(state.problem, button("Try again", again, { kind: "first" })));
  } else {
    fill(parts.over);
  }
}

/** @param {HTMLElement} root @param {LiveState} state  for machines: tests, and whoever supports us */
function expose(root, state) {
  Object.assign(root.dataset, {
    live: state.phase,
    problem: state.problem?.code ?? "",
    framesDecoded: String(state.framesDecoded),
    codec: state.codec,
    path: state.path,
    localCandidate: state.localCandidate,
    remoteCandidate: state.remoteCandidate,
    width: String(state.width),
    height: String(state.height),
    firstFrameMs: state.firstFrameMs === null ? "" : String(state.firstFrameMs),
  });
}

/** @param {HTMLElement} details @param {LiveState} state */
function drawDetails(details, state) {
  if (state.firstFrameMs === null) return fill(details);
  fill(details, facts(
    ["Connection", PATHS[state.path]],
    ["Picture", state.width ? `${state.width} × ${state.height}` : "—"],
    ["Codec", state.codec || "—"],
    ["First picture after", `${(state.firstFrameMs / 1000).toFixed(2)} s`]));
}

/** @param {Parts} parts @param {LiveState} state */
function drawControls({ controls, video, stage }, { phase, hasSound }) {
  if (phase !== "playing" && phase !== "interrupted") return fill(controls);
  if (controls.childElementCount === (hasSound ? 2 : 1)) return;
  fill(controls, hasSound && soundButton(video), fullButton(stage));
}

/** @param {HTMLVideoElement} video */
function soundButton(video) {
  const toggle = h("button", { type: "button", class: "round on-picture" });
  const show = () => {
    toggle.setAttribute("aria-label", video.muted ? "Sound on" : "Sound off");
    fill(toggle, icon(video.muted ? "quiet" : "sound"));
  };
  toggle.addEventListener("click", () => {
    video.muted = !video.muted;
    show();
  });
  show();
  return toggle;
}

/** @param {HTMLElement} stage */
function fullButton(stage) {
  return h("button", { type: "button", class: "round on-picture", "aria-label": "Full screen",
    onclick: () => (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen()),
  }, icon("full"));
}
