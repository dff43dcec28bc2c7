// @ts-check
/** The frame around every view: brand, navigation, footer, and one voice for short news. */
import { add, fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { link } from "./router.js";
import { session } from "./session.js";

const TABS = /** @type {const} */ ([
  { tab: "cameras", path: "/cameras", text: "Cameras", icon: "camera" },
  { tab: "history", path: "/history", text: "History", icon: "clock" },
  { tab: "account", path: "/account", text: "Account", icon: "person" },
]);

/** @param {string} selector @returns {HTMLElement} a part of index.html that is always there */
function part(selector) {
  const found = document.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`index.html lacks ${selector}`);
  return found;
}

const top = part("header.top");
const main = part("main");
const foot = part("footer.foot");
const toast = part(".toast");

/** @returns {HTMLImageElement} */
const mark = () => h("img", { src: "icon.svg", alt: "", width: 28, height: 28 });

let drawnTop = "";

/** @param {string} [current]  the tab that is shown as the current one */
export function drawTop(current) {
  const news = `${session.accepted} ${current}`;
  if (news === drawnTop) return; // a renewed session must not take the focus out of the navigation
  drawnTop = news;
  const home = session.accepted ? "/cameras" : "/";
  fill(top, h("a", { class: "brand", href: link(home) }, mark(), "SecuHome"));
  document.body.classList.toggle("with-tabs", session.accepted);
  if (!session.accepted) return;
  const entries = TABS.map(({ tab, path, text, icon: name }) =>
    h("li", {}, h("a", { href: link(path), "aria-current": tab === current && "page" },
      icon(name), h("span", {}, text))));
  add(top, h("nav", { class: "tabs", "aria-label": "Main" }, h("ul", {}, ...entries)));
}

let drawnFoot = "";

/** The way to one's own data is there for whoever is signed in, the policy accepted or not. */
export function drawFoot() {
  if (drawnFoot === String(session.signedIn)) return;
  drawnFoot = String(session.signedIn);
  fill(
    foot,
    h("nav", { "aria-label": "About SecuHome" },
      h("ul", {},
        h("li", {}, h("a", { href: link("/policy") }, "Privacy policy")),
        session.signedIn && h("li", {}, h("a", { href: link("/privacy") }, "Your data")),
        h("li", {}, h("a", { href: link("/cookies") }, "Cookies")),
        h("li", {}, h("a", { href: link("/contact") }, "Contact")))),
    h("p", {}, "Pictures travel between your camera and you. We don’t see them."),
  );
}

/**
 * Put a view's page into the frame, and the reader's focus on it.
 * @param {import("./router.js").View} view
 * @param {string} [tab]
 * @param {{quiet?: boolean}} [how]  quiet: the first view after loading leaves the focus alone
 */
export function show(view, tab, { quiet = false } = {}) {
  drawTop(tab);
  fill(main, view.page);
  document.title = `${view.title} · SecuHome`;
  if (quiet) return;
  window.scrollTo(0, 0);
  const target = view.focus ?? main.querySelector("h1") ?? main;
  target.focus({ preventScroll: true });
}

let clearing = 0;

/** @param {string} text  said once, by screen readers too, and gone after a while */
export function say(text) {
  window.clearTimeout(clearing);
  toast.textContent = text;
  toast.classList.add("shown");
  clearing = window.setTimeout(() => {
    toast.classList.remove("shown");
    toast.textContent = "";
  }, 5000); // long enough to read a dozen words twice
}

/** `#main` is not one of our addresses, so the skip link moves the focus by hand. */
export function startSkipLink() {
  part(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
  });
}
