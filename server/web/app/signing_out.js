// @ts-check
/** The way out of a session, whatever view it is taken from. */
import { api } from "./api.js";
import { say } from "./layout.js";
import { end } from "./session.js";

/** @param {string} [news]  what is said once one is out */
export async function signOut(news) {
  try {
    await api.signOut();
    if (news) say(news);
  } catch {
    // the server couldn't be told: this tab forgets the session all the same, and says what is left
    end();
    say("Signed out here, but the server couldn’t be told. Clear this site’s cookies to be sure.");
  }
}
