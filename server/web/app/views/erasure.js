// @ts-check
/** An account's erasure, to whoever has this page's address: how far it is, and the certificate. */
import { api } from "../api.js";
import { fromBase64Url } from "../bytes.js";
import { fill, h } from "../dom.js";
import { dateOf } from "../format.js";
import { say } from "../layout.js";
import { button, card, facts, load, notice, page } from "../parts.js";
import { politely } from "../politely.js";
import { saveStatement } from "../saving.js";
import { capital, counted, momentWords, nameWords } from "../value_words.js";

/** @typedef {import("../types.js").ErasureOut} ErasureOut */
/** @typedef {import("../types.js").CertificateMembers} CertificateMembers */

const EVERY_S = 4; // an erasure takes less, once it has begun; twice as rarely as would be refused

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function erasureView({ params, abort }) {
  const title = "Your account’s end";
  const area = h("div", { class: "stack" });
  let shown = "";
  /** @param {ErasureOut} erasure */
  const drawn = (erasure) => {
    shown = erasure.state;
    return told(erasure);
  };
  const follow = () => {
    const over = new AbortController();
    abort.addEventListener("abort", () => over.abort());
    return politely(over.signal, EVERY_S, async () => {
      const erasure = await api.erasure(params.id, over.signal);
      if (erasure.state !== shown) fill(area, ...drawn(erasure));
      if (!moves(erasure)) over.abort();
    });
  };
  void load(area, () => api.erasure(params.id, abort), (erasure) => {
    if (moves(erasure)) void follow();
    return drawn(erasure);
  });
  return {
    title,
    page: page({ title, narrow: true,
      lead: "Keep this page’s address: it is the only way back here. Whoever has it can read this." }, area),
  };
}

/** @param {ErasureOut} erasure @returns {boolean} whether it is worth asking again in a moment */
const moves = ({ state, starts_at: starts }) =>
  state === "running" || (state === "waiting" && Date.parse(starts) <= Date.now());

/** @param {ErasureOut} erasure @returns {HTMLElement[]} */
function told(erasure) {
  const { state, asked_at: asked, starts_at: starts, due_on: due, finished_at: finished } = erasure;
  const certificate = erasure.certificate;
  return [
    card("", stateNotice(erasure), h("div", { class: "erasure-facts" }, facts(
      ["Cancelled", momentWords(asked)],
      [state === "waiting" ? "Begins" : "Began", momentWords(starts)],
      finished ? ["Finished", momentWords(finished)] : ["Finished by", dateOf(due)])),
    button("Copy this page’s address", copyAddress)),
    ...(certificate === null ? [] : certified(erasure.id, certificate)),
  ];
}

/** @param {ErasureOut} erasure */
function stateNotice({ state, starts_at: starts, held_until: until }) {
  const said = {
    waiting: notice({ title: "The account is cancelled and waits for its end",
      remedy: `Until ${momentWords(starts)}, you can take it back: sign in, and you are asked.` }),
    running: notice({ title: "The account is being erased", remedy: "This page goes on by itself." }),
    done: notice({ kind: "good", title: "The account is erased",
      remedy: "The key of its data is destroyed: what lies in backups can’t be read any more." +
        (until ? ` What a law makes us keep is locked away, and gone after ${momentWords(until)}.` : "") }),
  }[state];
  said.setAttribute("data-erasure", state);
  return said;
}

async function copyAddress() {
  try {
    await navigator.clipboard.writeText(location.href);
    say("Copied. Keep it where you will find it.");
  } catch {
    say("This browser doesn’t let us copy it. Copy it from the address bar.");
  }
}

/** @param {string} id @param {string} certificate  a compact JWS @returns {HTMLElement[]} */
function certified(id, certificate) {
  const { destroyed, kept } = membersOf(certificate);
  destroyed.sort((a, b) => a.category.localeCompare(b.category));
  const total = destroyed.reduce((sum, one) => sum + one.count, 0);
  return [
    card("The certificate",
      h("p", {}, "It says what was erased and what stays, and it is signed. Anybody can check it " +
        "without us, by ", h("a", { href: "/.well-known/jwks.json" }, "the keys that we publish"), "."),
      button("Save the certificate", () => saveStatement(id, certificate))),
    card("What was erased",
      h("details", { class: "erased" },
        h("summary", {}, counted(total, "value")),
        h("ul", {}, ...destroyed.map(({ category, table, count }) =>
          h("li", {}, h("span", {}, capital(category), h("span", { class: "quiet" }, nameWords(table))),
            h("span", {}, String(count))))))),
    card("What stays, and until when", kept.length === 0
      ? h("p", {}, "Nothing.")
      : h("ul", { class: "kept" }, ...kept.map(({ category, table, count, ground, until }) =>
        h("li", {},
          h("p", { class: "what" }, `${capital(category)} (${nameWords(table)}): ${counted(count, "value")}`),
          h("p", { class: "where" },
            `${until ? `Until ${dateOf(until)}` : "Its last day isn’t known yet"}, ${ground}`))))),
  ];
}

/** @param {string} jws @returns {CertificateMembers} as they were signed; checking is for others */
const membersOf = (jws) => JSON.parse(new TextDecoder().decode(fromBase64Url(jws.split(".")[1])));
