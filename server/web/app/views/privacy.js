// @ts-check
/** Everything about one's own data, from one page: what is held, what it is for, and the ways out. */
import { api } from "../api.js";
import { choose } from "../choosing.js";
import { fill, freshId, h } from "../dom.js";
import { form } from "../form.js";
import { say } from "../layout.js";
import { card, linkRows, load, page, problemNotice } from "../parts.js";
import { asProblem, onlyThePassword } from "../problem.js";
import { save } from "../saving.js";
import { drawChoices } from "./choices_made.js";
import { GRADES, placeChoice } from "./place_choice.js";
import { placeSource } from "./place_source.js";

/** @typedef {import("../types.js").PurposeOut} PurposeOut */

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function privacyView({ abort }) {
  const title = "Privacy";
  const uses = h("div", { class: "stack" });
  drawUses(uses, abort);
  return {
    title,
    page: page({ title, narrow: true, back: { path: "/account", text: "Account" },
      lead: "What we hold about you, what we use it for, and what you can do about it." },
    h("div", { class: "stack" },
      linkRows("Your data",
        ["/privacy/held", "What we hold about you", "All of it, and who has seen it"],
        ["/privacy/corrections", "Correct something", "Your name and whatever else is yours to change"],
        ["/requests", "My requests", "What you have asked us, and the answers"],
        ["/contact", "Ask us", "For whatever this page can’t do"]),
      download(abort),
      uses,
      linkRows("The end",
        ["/privacy/cancel", "Cancel the account", "And erase what belongs to it"]))),
  };
}

/** @param {HTMLElement} area @param {AbortSignal} abort */
function drawUses(area, abort) {
  void load(area, () => api.purposes(abort), ({ purposes }) => {
    const choices = h("div", {});
    const redraw = () => void drawChoices(choices, purposes, abort);
    redraw();
    const grades = GRADES.flatMap((code) => purposes.filter((one) => one.code === code));
    const switches = purposes.filter((one) => one.has_switch && !grades.includes(one));
    return [
      card("Yours to decide",
        h("p", {}, "Nothing else depends on these, and what you end is ended at once."),
        placeChoice(grades, () => drawUses(area, abort)),
        placeSource(abort),
        ...switches.map((one) => switchOf(one, redraw))),
      card("What the service can’t do without",
        h("p", {}, "You agreed to these with the policy."),
        h("dl", { class: "purposes" }, ...purposes.filter((one) => !one.has_switch).map((one) =>
          h("div", {}, h("dt", {}, one.title), h("dd", {}, one.text))))),
      card("What you chose", choices),
    ];
  });
}

/** @param {AbortSignal} abort */
function download(abort) {
  const area = h("div", { class: "form-place" });
  void load(area, () => api.cancellationTerms(abort), (terms) => [archiveForm(terms, abort)]);
  return card("Take it with you",
    h("p", {}, "One archive with everything that we hold about you: a page to read, and the same " +
      "for machines. Keep it where others don’t look."), area);
}

/** @param {import("../types.js").TermsOut} terms @param {AbortSignal} abort */
function archiveForm({ needs_password: needed }, abort) {
  const element = form({
    label: "Download everything",
    fields: needed ? [{ name: "password", label: "Password", type: "password",
      autocomplete: "current-password", hint: "So that nobody else takes it from your device." }] : [],
    submit: "Download everything",
    send: async ({ password }) => {
      save(await onlyThePassword(api.exported(needed ? { password: String(password) } : {}, abort)));
      element.reset(); // the password isn't left for whoever comes next
      say("The archive is on this device now.");
    },
  });
  return element;
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
      await choose(purpose, on);
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
