// @ts-check
/** What data is used for, a switch for whatever is the person's own choice, and each choice made. */
import { api } from "../api.js";
import { toHex, utf8 } from "../bytes.js";
import { add, fill, freshId, h } from "../dom.js";
import { dayOf, timeOf } from "../format.js";
import { say } from "../layout.js";
import { button, card, load, page, problemNotice } from "../parts.js";
import { asProblem } from "../problem.js";

/** @typedef {import("../types.js").PurposeOut} PurposeOut */
/** @typedef {import("../types.js").ChoiceOut} ChoiceOut */

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function privacyView({ abort }) {
  const title = "Privacy";
  const choices = h("div", {});
  const area = h("div", { class: "stack" });
  void load(area, () => api.purposes(abort), ({ purposes }) => {
    const redraw = () => void drawChoices(choices, purposes, abort);
    redraw();
    return [
      card("Yours to decide",
        ...purposes.filter((one) => one.has_switch).map((one) => switchOf(one, redraw))),
      card("What the service can’t do without",
        h("p", {}, "You agreed to these with the policy."),
        h("dl", { class: "purposes" }, ...purposes.filter((one) => !one.has_switch).map((one) =>
          h("div", {}, h("dt", {}, one.title), h("dd", {}, one.text))))),
      card("What you chose", choices),
    ];
  });
  return {
    title,
    page: page({ title, narrow: true, back: { path: "/account", text: "Account" },
      lead: "What we use data about you for. Nothing here depends on anything else here, and what " +
        "you switch off is off at once." }, area),
  };
}

/** @param {PurposeOut} purpose @param {() => void} chosen */
function switchOf(purpose, chosen) {
  const id = freshId("purpose");
  const news = h("div", { class: "choice-news" });
  const control = h("input", { type: "checkbox", role: "switch", id, "aria-describedby": `${id}-text`,
    checked: purpose.on, "data-purpose": purpose.code, disabled: purpose.off_for_this_visit });
  control.addEventListener("change", async () => {
    fill(news);
    const on = control.checked;
    control.setAttribute("aria-busy", "true");
    try {
      await api.choose(purpose.code, { on, sha256: await fingerprint(purpose) });
      say(on ? `On: ${purpose.title}` : `Off: ${purpose.title}`);
      chosen();
    } catch (fault) {
      control.checked = !on;
      fill(news, problemNotice(asProblem(fault)));
    } finally {
      control.removeAttribute("aria-busy");
    }
  });
  return h("div", { class: "choice" },
    h("div", {},
      h("label", { for: id }, purpose.title),
      h("p", { class: "hint", id: `${id}-text` }, purpose.text),
      purpose.off_for_this_visit && h("p", { class: "hint" },
        "Your browser’s privacy signal keeps this off.")),
    control,
    news);
}

/**
 * Of the text that was shown, worked out here: agreeing then can't cover another one.
 * @param {PurposeOut} purpose
 * @returns {Promise<string>} the server's word for it where the browser gives no cryptography
 */
async function fingerprint({ title, text, sha256 }) {
  const shown = utf8(`${title}\n\n${text}`);
  return crypto.subtle ? toHex(await crypto.subtle.digest("SHA-256", shown)) : sha256;
}

/** @param {HTMLElement} area @param {PurposeOut[]} purposes @param {AbortSignal} abort */
async function drawChoices(area, purposes, abort) {
  const titles = new Map(purposes.map((one) => [one.code, one.title]));
  await load(area, () => api.choices(null, abort), ({ choices, next }) =>
    choices.length === 0 ? [h("p", { class: "quiet" }, "Nothing yet.")] : listOf(choices, next, titles, abort));
}

/**
 * @param {ChoiceOut[]} choices
 * @param {number | null} next
 * @param {Map<string, string>} titles
 * @param {AbortSignal} abort
 */
function listOf(choices, next, titles, abort) {
  const list = h("ul", { class: "choices" }, ...choices.map((one) => row(one, titles)));
  const more = h("div", { class: "actions centred" });
  /** @param {number | null} from */
  const offer = (from) => fill(more, from !== null && button("Show older", async () => {
    try {
      const older = await api.choices(from, abort);
      add(list, ...older.choices.map((one) => row(one, titles)));
      offer(older.next);
    } catch (fault) {
      fill(more, problemNotice(asProblem(fault)));
    }
  }));
  offer(next);
  return [h("p", {}, "Each choice has a signed receipt. Keep it where you like: it can be checked " +
    "without us, by the keys that we publish."), list, more];
}

/** @param {ChoiceOut} choice @param {Map<string, string>} titles */
function row({ id, purpose, state, at }, titles) {
  const news = h("div", {});
  return h("li", { "data-choice": id, "data-state": state },
    h("div", {},
      h("p", { class: "what" }, `${state === "given" ? "On" : "Off"}: ${titles.get(purpose) ?? purpose}`),
      h("p", { class: "where" }, h("time", { datetime: at }, `${dayOf(at)}, ${timeOf(at)}`)),
      news),
    button("Receipt", async () => {
      fill(news);
      try {
        hand(`${id}.jws`, (await api.receipt(id)).receipt);
      } catch (fault) {
        fill(news, problemNotice(asProblem(fault)));
      }
    }, { kind: "quiet" }));
}

/** @param {string} name @param {string} text  what the browser saves under that name */
function hand(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/jose" }));
  h("a", { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}
