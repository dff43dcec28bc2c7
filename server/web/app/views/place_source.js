// @ts-check
/** Who is asked where somebody is, when a use of their account is written down: one, or nobody. */
import { api } from "../api.js";
import { fill, freshId, h } from "../dom.js";
import { say } from "../layout.js";
import { button, load, problemNotice } from "../parts.js";
import { asProblem } from "../problem.js";

/** @typedef {import("../types.js").PlaceSourceOut} PlaceSourceOut */

/** @type {Record<string, [string, string]>} */
const SOURCES = {
  off: ["Nobody", "No place is looked for. Cameras have the warranty of the country they were sold in."],
  network: ["Our list of network addresses", "It tells the country, and often the town."],
  second_network: ["A second list of network addresses", "It is made by somebody else."],
  phone: ["Your phone", "An app may send country and town when you sign in, never coordinates. " +
    "Other uses have no place."],
};

/** @param {AbortSignal} abort @returns {HTMLElement} */
export function placeSource(abort) {
  const area = h("div", {});
  void load(area, () => api.placeSource(abort), (told) => [choice(told)]);
  return area;
}

/** @param {PlaceSourceOut} told */
function choice({ source: now, sources }) {
  const name = freshId("sources");
  const news = h("div", { class: "choice-news" });
  const radios = sources.map((source) => option(name, source, source === now));
  const done = button("Save who is asked", async () => {
    const chosen = sources[radios.findIndex((one) => one.querySelector("input")?.checked)];
    fill(news);
    if (!chosen || chosen === now) return say("Nothing was changed.");
    done.setAttribute("aria-busy", "true");
    try {
      now = (await api.choosePlaceSource(chosen)).source;
      say(`Asked for your place: ${(SOURCES[now] ?? [now])[0]}`);
    } catch (fault) {
      fill(news, problemNotice(asProblem(fault)));
    } finally {
      done.removeAttribute("aria-busy");
    }
  });
  return h("fieldset", { class: "places" },
    h("legend", {}, "Who is asked where you are"),
    h("p", { class: "hint" }, "It counts from your next use. Places of earlier ones stay as they are."),
    ...radios, news, done);
}

/** @param {string} name @param {string} source @param {boolean} checked */
function option(name, source, checked) {
  const id = freshId(name);
  const [title, text] = SOURCES[source] ?? [source, ""];
  return h("div", { class: "place" },
    h("input", { type: "radio", name, id, checked, "aria-describedby": `${id}-text` }),
    h("div", {},
      h("label", { for: id }, title),
      h("div", { class: "hint", id: `${id}-text` }, h("p", {}, text))));
}
