// @ts-check
/** All cameras of this account, and whether they are there. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { linkButton, loading, page, problemNotice } from "../parts.js";
import { asProblem, wasStopped } from "../problem.js";
import { politely } from "../politely.js";
import { link } from "../router.js";
import { offeredNotice } from "./policy.js";

/** @typedef {import("../types.js").CameraOut} CameraOut */

const EVERY_S = 10; // soon enough to notice that a camera is back, far from a load

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function camerasView({ abort }) {
  const title = "Cameras";
  const action = h("div", { class: "head-action" });
  const area = h("div", { "aria-busy": "true" }, loading(2));
  let drawn = "";
  void politely(abort, EVERY_S, async () => {
    try {
      const { cameras } = await api.cameras(abort);
      // drawn again only for news, so that the focus stays where it is
      const news = JSON.stringify(cameras);
      if (news === drawn) return;
      drawn = news;
      draw(area, action, cameras);
    } catch (fault) {
      if (wasStopped(fault)) return;
      drawn = "";
      fill(area, problemNotice(asProblem(fault)));
      throw fault;
    } finally {
      area.removeAttribute("aria-busy");
    }
  });
  return { title, page: page({ title, action }, offeredNotice(abort), area) };
}

/** @param {HTMLElement} area @param {HTMLElement} action @param {CameraOut[]} cameras */
function draw(area, action, cameras) {
  const focused = document.activeElement?.getAttribute("href");
  if (cameras.length === 0) {
    fill(action);
    fill(area, empty());
    return;
  }
  fill(action, linkButton("Add a camera", "/cameras/new", { kind: "second", icon: "plus" }));
  fill(area, h("ul", { class: "cameras" }, ...cameras.map(tile)));
  if (focused) {
    const again = area.querySelector(`a[href="${CSS.escape(focused)}"]`);
    if (again instanceof HTMLElement) again.focus();
  }
}

/** @param {CameraOut} camera */
function tile(camera) {
  const { id, name, online } = camera;
  return h("li", { class: online ? "tile" : "tile off", "data-camera": id },
    h("a", { class: "tile-watch", href: link(`/cameras/${id}/watch`), "aria-label":
      online ? `Watch ${name}` : `${name}, offline` },
      h("span", { class: "poster" }, icon(online ? "play" : "away", "icon large"))),
    h("div", { class: "tile-foot" },
      h("div", {},
        h("h2", {}, name),
        h("p", { class: "presence", "data-online": String(online) },
          h("span", { class: "dot", "aria-hidden": "true" }), online ? "Online" : "Offline")),
      h("a", { class: "round", href: link(`/cameras/${id}`), "aria-label": `Settings of ${name}` },
        icon("sliders"))));
}

function empty() {
  return h("div", { class: "empty" },
    icon("camera", "icon huge"),
    h("h2", {}, "No camera yet"),
    h("p", {}, "Plug your camera in, then let it read a code from this screen. It takes a minute."),
    linkButton("Add a camera", "/cameras/new", { kind: "first", icon: "plus" }));
}
