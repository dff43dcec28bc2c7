// @ts-check
/** One camera: its name, its warranty, and letting it go. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { form } from "../form.js";
import { dateOf } from "../format.js";
import { say } from "../layout.js";
import { button, card, facts, linkButton, load, notice, page, problemNotice, sure } from "../parts.js";
import { asProblem } from "../problem.js";
import { go } from "../router.js";
import { warrantyFacts } from "../warranty.js";

/** @typedef {import("../types.js").CameraOut} CameraOut */

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function cameraView({ params: { id }, abort }) {
  const title = "Camera";
  const area = h("div", { class: "stack" });
  const shell = page({ title, narrow: true, back: { path: "/cameras", text: "Cameras" } }, area);
  void load(area, () => api.camera(id, abort), (camera) => {
    nameThePage(shell, camera.name);
    return [overview(camera), nameCard(shell, camera), warrantyCard(camera), townCard(camera),
      releaseCard(camera)];
  });
  return { title, page: shell };
}

/** @param {HTMLElement} shell @param {string} name */
function nameThePage(shell, name) {
  const heading = shell.querySelector("h1");
  if (heading) heading.textContent = name;
  document.title = `${name} · SecuHome`;
}

/** @param {CameraOut} camera */
function overview({ id, model, serial, online, paired_at: pairedAt }) {
  return card("",
    facts(
      ["State", h("span", { class: "presence", "data-online": String(online) },
        h("span", { class: "dot", "aria-hidden": "true" }), online ? "Online" : "Offline")],
      ["Model", model],
      ["Serial number", serial],
      ["Yours since", dateOf(pairedAt)]),
    linkButton("Watch live", `/cameras/${id}/watch`, { kind: "first", icon: "play" }));
}

/** @param {HTMLElement} shell @param {CameraOut} camera */
function nameCard(shell, camera) {
  return card("Name",
    form({
      label: "Rename the camera",
      fields: [{ name: "name", label: "What do you call it?", value: camera.name, maxlength: 40 }],
      submit: "Save",
      send: async (answers) => {
        const { name } = await api.rename(camera.id, String(answers.name));
        camera.name = name;
        nameThePage(shell, name);
        say(`Saved. It is called ${name} now.`);
      },
    }));
}

/** @param {CameraOut} camera */
function warrantyCard({ id, warranty }) {
  const body = h("div", { class: "warranty" });
  drawWarranty(body, id, warranty);
  return card("Warranty", body);
}

/** @param {HTMLElement} body @param {string} id @param {CameraOut["warranty"]} warranty */
function drawWarranty(body, id, warranty) {
  if (warranty && warranty.state !== "not_activated") {
    fill(body, warrantyFacts(warranty));
    return;
  }
  const news = h("div", {});
  fill(body,
    h("p", {}, "Not activated yet. Activating records the model, the region and today’s date, " +
      "so that you need no receipt."),
    news,
    button("Activate the warranty", async () => {
      try {
        drawWarranty(body, id, await api.activateWarranty(id));
        say("The warranty is active.");
      } catch (fault) {
        fill(news, problemNotice(asProblem(fault)));
      }
    }, { icon: "shield" }));
}

/** @param {CameraOut} camera */
function townCard({ id, town }) {
  const body = h("div", { class: "town" });
  drawTown(body, id, town);
  return card("Town", body);
}

/** @param {HTMLElement} body @param {string} id @param {string | null} town */
function drawTown(body, id, town) {
  const news = h("div", {});
  fill(body,
    town ? facts(["Where it is", town]) : h("p", {}, "Not noted. It helps to tell two homes apart."),
    news,
    button("It is where I am now", async () => {
      try {
        const noted = (await api.noteTown(id)).town;
        drawTown(body, id, noted);
        say(noted ? `Noted: ${noted}` : "Your town can’t be told from here, so none is noted.");
      } catch (fault) {
        fill(news, townProblem(asProblem(fault)));
      }
    }));
}

/** @param {import("../problem.js").Problem} problem */
function townProblem(problem) {
  if (problem.code !== "purpose_off") return problemNotice(problem);
  return notice({ kind: "plain", title: "You have not allowed this yet",
    remedy: "Switch “Town of a camera” on, then come back." },
    linkButton("Open Privacy", "/privacy"));
}

/** @param {CameraOut} camera */
function releaseCard(camera) {
  const news = h("div", {});
  return card("Release",
    h("p", {}, "Gives the camera up, so that somebody else can add it. It stops showing you anything at once."),
    news,
    button("Release this camera", async () => {
      const yes = await sure({ title: `Release ${camera.name}?`, yes: "Release",
        text: "You can only get it back by pairing it again, in front of its lens." });
      if (!yes) return;
      try {
        await api.release(camera.id);
        say(`${camera.name} is released.`);
        go("/cameras");
      } catch (fault) {
        fill(news, problemNotice(asProblem(fault)));
      }
    }, { kind: "danger" }));
}
