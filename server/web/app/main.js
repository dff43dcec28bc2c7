// @ts-check
/** Starts the app: the routes, who may see which, and the session that a reload left behind. */
import { renew } from "./api.js";
import { drawFoot, drawTop, say, show, startSkipLink } from "./layout.js";
import { notice, page } from "./parts.js";
import { Problem } from "./problem.js";
import { find, go, here } from "./router.js";
import { onChange, session } from "./session.js";
import { accountView } from "./views/account.js";
import { addCameraView } from "./views/add_camera.js";
import { cameraView } from "./views/camera.js";
import { camerasView } from "./views/cameras.js";
import { cancelView } from "./views/cancel.js";
import { contactView } from "./views/contact.js";
import { cookiesView } from "./views/cookies.js";
import { correctionsView } from "./views/corrections.js";
import { erasureView } from "./views/erasure.js";
import { heldView } from "./views/held.js";
import { historyView } from "./views/history.js";
import { acceptView, policyView } from "./views/policy.js";
import { privacyView } from "./views/privacy.js";
import { registerView } from "./views/register.js";
import { proveView, requestsView, requestView } from "./views/requests.js";
import { signInView } from "./views/sign_in.js";
import { watchView } from "./views/watch.js";

/** @typedef {import("./router.js").Route} Route */

/** @type {Route[]} */
const ROUTES = [
  { path: "/", audience: "signed-out", view: signInView },
  { path: "/register", audience: "signed-out", view: registerView },
  { path: "/policy", audience: "anyone", view: policyView },
  { path: "/policy/versions/:version", audience: "anyone", view: policyView },
  { path: "/contact", audience: "anyone", view: contactView },
  { path: "/cookies", audience: "anyone", view: cookiesView },
  { path: "/requests/prove/:id", audience: "anyone", view: proveView },
  { path: "/requests/:number/:token", audience: "anyone", view: requestView },
  { path: "/erasures/:id", audience: "anyone", view: erasureView },
  { path: "/requests", audience: "signed-in", view: requestsView, tab: "account" },
  { path: "/accept", audience: "signed-in", view: acceptView },
  { path: "/account", audience: "signed-in", view: accountView, tab: "account" },
  { path: "/privacy", audience: "signed-in", view: privacyView, tab: "account" },
  { path: "/privacy/held", audience: "signed-in", view: heldView, tab: "account" },
  { path: "/privacy/corrections", audience: "signed-in", view: correctionsView, tab: "account" },
  { path: "/privacy/cancel", audience: "signed-in", view: cancelView, tab: "account" },
  { path: "/history", audience: "signed-in", view: historyView, tab: "history" },
  { path: "/cameras", audience: "accepted", view: camerasView, tab: "cameras" },
  { path: "/cameras/new", audience: "accepted", view: addCameraView, tab: "cameras" },
  { path: "/cameras/:id", audience: "accepted", view: cameraView, tab: "cameras" },
  { path: "/cameras/:id/watch", audience: "accepted", view: watchView, tab: "cameras" },
];

/** @type {AbortController | null} */
let leaving = null;
let first = true;
let wanted = ""; // where a signed-out reader was going

/** @param {Route} route @returns {string | null} where to go instead */
function elsewhere({ audience }) {
  if (audience === "anyone") return null;
  if (audience === "signed-out") return session.signedIn ? "/cameras" : null;
  if (!session.signedIn) return "/";
  if (audience === "accepted" && !session.accepted) return "/accept";
  return null;
}

function draw() {
  const path = here();
  const found = find(ROUTES, path);
  const instead = found ? elsewhere(found.route) : null;
  if (instead !== null) {
    if (instead === "/") wanted = path;
    go(instead === "/cameras" && wanted ? wanted : instead, { replace: true });
    if (instead !== "/") wanted = "";
    return;
  }
  leaving?.abort();
  leaving = new AbortController();
  const view = found
    ? found.route.view({ params: found.params, abort: leaving.signal })
    : { title: "Not found", page: page({ title: "There is nothing here", narrow: true },
      notice({ title: "This address leads nowhere", remedy: "Use the menu, or go back." })) };
  show(view, found?.route.tab, { quiet: first });
  first = false;
}

let wasSignedIn = false;

/** The session began, ended or changed: the view that is open may no longer be for its reader. */
function look() {
  if (wasSignedIn && !session.signedIn) say("You are signed out.");
  wasSignedIn = session.signedIn;
  drawFoot();
  const found = find(ROUTES, here());
  if (found && elsewhere(found.route) !== null) draw();
  else drawTop(found?.route.tab);
}

async function start() {
  startSkipLink();
  document.body.setAttribute("aria-busy", "true");
  try {
    await renew();
  } catch (fault) {
    // no session to restore, or no server: the sign-in page is right for the first, and says the second
    if (!(fault instanceof Problem)) throw fault;
  } finally {
    document.body.removeAttribute("aria-busy");
  }
  wasSignedIn = session.signedIn;
  drawFoot();
  onChange(look);
  window.addEventListener("hashchange", () => {
    if (location.hash === "" || location.hash.startsWith("#/")) draw(); // else a place within the page
  });
  window.addEventListener("pagehide", () => leaving?.abort());
  draw();
}

void start();
