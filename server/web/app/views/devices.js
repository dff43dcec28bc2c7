// @ts-check
/** Where one is signed in, what is remembered there, and the end of it. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { say } from "../layout.js";
import { button, card, load, problemNotice } from "../parts.js";
import { asProblem } from "../problem.js";
import { momentWords } from "../value_words.js";

/** @typedef {import("../types.js").SignInOut} SignInOut */

/** @param {AbortSignal} abort @returns {HTMLElement} */
export function devices(abort) {
  const area = h("div", {});
  const draw = () => void load(area, () => api.signIns(abort), ({ sign_ins: all }) =>
    [h("ul", { class: "kept" }, ...all.map((one) => row(one, draw)))]);
  draw();
  return card("Where you are signed in", area);
}

/** @param {SignInOut} one @param {() => void} ended */
function row(one, ended) {
  const news = h("div", {});
  const kept = one.remembered ? "Remembered until you sign out there, or here"
    : "Not remembered: over when its browser closes";
  const end = async () => {
    try {
      await api.endSignIn(one.id);
      say(`Signed out: ${one.device}`);
      ended();
    } catch (fault) {
      fill(news, problemNotice(asProblem(fault)));
    }
  };
  const away = button("Sign it out", end);
  away.setAttribute("aria-label", `Sign out: ${one.device}, last used ${momentWords(one.last_used_at)}`);
  return h("li", { "data-remembered": String(one.remembered) },
    h("p", { class: "what" }, one.is_this ? `${one.device} (this one)` : one.device),
    h("p", { class: "where" }, `Last used ${momentWords(one.last_used_at)}. ${kept}.`),
    !one.is_this && away,
    news);
}
