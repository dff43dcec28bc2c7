// @ts-check
/** Add a camera: a name, a code for its lens, and the check that it was this camera that read it. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { form } from "../form.js";
import { countdown } from "../format.js";
import { button, linkButton, notice, page, problemNotice } from "../parts.js";
import { offerPairing, proofFits, secondsLeft } from "../pairing.js";
import { after } from "../politely.js";
import { asProblem, wasStopped } from "../problem.js";
import { qrPicture } from "../qr/picture.js";
import { link } from "../router.js";
import { session } from "../session.js";
import { startCountdown } from "../ticker.js";

/** @typedef {import("../pairing.js").Offer} Offer */
/** @typedef {NonNullable<import("../types.js").PairingStateOut["camera"]>} PairedCamera */

const LOOK_EVERY_S = 1; // somebody stands there holding a phone in front of a lens

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function addCameraView({ abort }) {
  const title = "Add a camera";
  const area = h("div", { class: "steps", "data-pairing": "naming" });
  askName(area, abort);
  return {
    title,
    page: page({ title, narrow: true, back: { path: "/cameras", text: "Cameras" } }, area),
  };
}

/** @param {HTMLElement} area @param {AbortSignal} abort @param {string} [name] */
function askName(area, abort, name = "") {
  area.dataset.pairing = "naming";
  fill(area, h("div", { class: "card" },
    form({
      label: "Name the camera",
      fields: [{ name: "name", label: "What do you call it?", maxlength: 40, value: name,
        hint: "For example Porch, Nursery or Garage. You can change it later." }],
      submit: "Show the code",
      send: (answers) => showCode(area, abort, String(answers.name)),
    })),
  h("p", { class: "aside quiet" }, "Your camera will know this device by a key that stays here: ",
    h("a", { href: link("/cookies") }, "what this browser keeps"), "."));
}

/** @param {HTMLElement} area @param {AbortSignal} abort @param {string} name */
async function showCode(area, abort, name) {
  const offer = await offerPairing(session.accountId, name);
  if (abort.aborted) return;
  const left = h("strong", { class: "countdown" }, countdown(secondsLeft(offer)));
  const heading = h("h2", { tabindex: -1 }, `Show this to ${name}`);
  area.dataset.pairing = "showing";
  fill(area, h("section", { class: "card pairing", "aria-label": "Pairing code" },
    heading,
    h("div", { class: "qr-frame" }, qrPicture(offer.text, "Pairing code for the camera’s lens")),
    h("p", { class: "waiting", role: "status" },
      h("span", { class: "spinner", "aria-hidden": "true" }), "Waiting for the camera"),
    h("p", { class: "left" }, "The code is good for ", left),
    h("ol", { class: "how" },
      h("li", {}, "Plug the camera in and wait until its light blinks."),
      h("li", {}, "Turn this screen bright and hold it a hand’s length from the lens."),
      h("li", {}, "Keep still until this page says that it worked.")),
    button("Cancel", () => askName(area, abort, name), { kind: "quiet" })));
  heading.focus();
  startCountdown(abort, left, () => secondsLeft(offer));
  void waitFor(area, abort, offer, name);
}

/** @param {HTMLElement} area @param {AbortSignal} abort @param {Offer} offer @param {string} name */
async function waitFor(area, abort, offer, name) {
  const mine = area.firstElementChild; // replaced when the owner cancels: then nobody waits any more
  while (!abort.aborted && area.firstElementChild === mine) {
    try {
      const { state, camera } = await api.pairing(offer.id, abort);
      if (area.firstElementChild !== mine) return;
      if (state === "paired" && camera) return await judge(area, abort, offer, camera, name);
      if (state === "expired") return tellExpired(area, abort, name);
    } catch (fault) {
      if (wasStopped(fault)) return;
      const problem = asProblem(fault);
      if (problem.status !== 0) return fail(area, abort, fault, name);
      // a short gap in the network must not throw the code away
    }
    await after(LOOK_EVERY_S, abort);
  }
}

/**
 * @param {HTMLElement} area @param {AbortSignal} abort
 * @param {Offer} offer @param {PairedCamera} camera @param {string} name
 */
async function judge(area, abort, offer, camera, name) {
  if (await proofFits(offer, camera)) {
    area.dataset.pairing = "paired";
    fill(area, h("section", { class: "card done", "data-camera": camera.id },
      notice({ kind: "good", title: `${name} is yours`,
        detail: "It has proved that it read the code from this screen." }),
      h("div", { class: "actions" },
        linkButton("Watch now", `/cameras/${camera.id}/watch`, { kind: "first", icon: "play" }),
        linkButton("All cameras", "/cameras"))));
    focusFirst(area);
    return;
  }
  // somebody else's device has answered, or the server has put in another key: don't keep it
  let released = true;
  await api.release(camera.id).catch(() => {
    released = false;
  });
  area.dataset.pairing = "impostor";
  fill(area, notice({ kind: "error", title: "That wasn’t your camera",
    detail: released
      ? "A device answered without having read the code from this screen. It was not added."
      : "A device answered without having read the code from this screen, and removing it failed.",
    remedy: released ? "Try again. If it happens twice, write to us."
      : "Open it in your list of cameras and release it, then write to us." },
  button("Try again", () => askName(area, abort, name), { kind: "first" })));
  focusFirst(area);
}

/** @param {HTMLElement} area @param {AbortSignal} abort @param {string} name */
function tellExpired(area, abort, name) {
  area.dataset.pairing = "expired";
  fill(area, notice({ kind: "error", title: "The code ran out",
    detail: "No camera has read it in time. A code is short-lived so that a photo of it is worth nothing.",
    remedy: "Make a new one and hold the screen closer to the lens." },
  button("Make a new code", () => showCode(area, abort, name).catch(
    (fault) => fail(area, abort, fault, name)), { kind: "first" })));
  focusFirst(area);
}

/** @param {HTMLElement} area @param {AbortSignal} abort @param {unknown} fault @param {string} name */
function fail(area, abort, fault, name) {
  area.dataset.pairing = "failed";
  fill(area, problemNotice(asProblem(fault),
    button("Start again", () => askName(area, abort, name), { kind: "first" })));
  focusFirst(area);
}

/** @param {HTMLElement} area */
function focusFirst(area) {
  const first = area.querySelector("a, button");
  if (first instanceof HTMLElement) first.focus();
}
