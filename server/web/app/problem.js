// @ts-check
/** Anything that went wrong and that a person should hear about, with what to do next. */

/** @typedef {import("./types.js").ProblemBody} ProblemBody */

export class Problem extends Error {
  /**
   * @param {number} status  HTTP status; 0 when no answer came
   * @param {ProblemBody} body
   */
  constructor(status, body) {
    super(body.detail || body.title || "Something went wrong");
    this.status = status;
    this.code = body.code ?? "unknown";
    this.title = body.title ?? "Something went wrong";
    this.detail = body.detail ?? "";
    this.remedy = body.remedy ?? "";
    this.row = body.row ?? null;
    this.requestId = body.request_id ?? "";
    /** @type {{field: string, message: string}[]} */
    this.fields = body.errors ?? [];
    if (body.field && this.fields.length === 0) {
      this.fields = [{ field: body.field, message: body.detail || body.title || "" }];
    }
  }
}

/** @returns {Problem} what to say when the server can't be reached at all */
export function unreachable() {
  return new Problem(0, {
    code: "unreachable",
    title: "SecuHome can’t be reached",
    detail: "No answer came from the server.",
    remedy: "Check that this device is online, then try again.",
  });
}

/**
 * @param {Response} response  with an error status
 * @returns {Promise<Problem>}
 */
export async function problemOf(response) {
  const kind = response.headers.get("content-type") ?? "";
  const body = kind.includes("json") ? await response.json().catch(() => ({})) : {};
  return new Problem(response.status, {
    title: "That didn’t work",
    remedy: response.status >= 500 ? "Wait a moment, then try again." : "",
    ...body,
  });
}

/**
 * @param {unknown} fault  whatever was thrown
 * @returns {Problem}
 */
export function asProblem(fault) {
  if (fault instanceof Problem) return fault;
  console.error(fault);
  return new Problem(0, {
    code: "app_fault",
    title: "Something went wrong in this app",
    remedy: "Reload the page. If it happens again, write to us: the address is under Contact.",
  });
}

/**
 * @param {unknown} fault
 * @returns {boolean} true if we ourselves stopped the work, which is nobody's problem
 */
export function wasStopped(fault) {
  return fault instanceof DOMException && fault.name === "AbortError";
}

/**
 * Work that asks for the password of somebody who is signed in: a wrong one is told without a word
 * of the e-mail address, which wasn't asked for.
 * @template T
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
export async function onlyThePassword(work) {
  try {
    return await work;
  } catch (fault) {
    if (!(fault instanceof Problem && fault.code === "wrong_credentials")) throw fault;
    throw new Problem(fault.status, { code: fault.code, title: "This is not your password",
      field: "password" });
  }
}
