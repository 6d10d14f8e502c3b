// The goals page: shows, adds and deletes goals, and says plainly when the API can't be reached.
// Reads are repeated by themselves, with growing pauses; a write is never repeated without its author, since one that
// went unanswered may have been carried out.
"use strict";

(() => {
  const API = window.GOALS.apiUrl;
  const MAX_LENGTH = 200; // characters, as the API counts them: code points
  const PAGE = 100;
  const MOST = 1000; // the API's limit for one page
  const TIMEOUT = 10_000; // ms for one request
  const REFRESH = 15_000; // ms between reads while all is well
  const BACKOFF = [1, 2, 4, 8, 15]; // seconds between reads while it isn't
  const UNDO_FOR = 10_000; // ms

  const byId = (id) => document.getElementById(id);
  const form = byId("new-goal");
  const input = byId("goal-text");
  const list = byId("goals");

  const state = { failures: 0, timer: 0, limit: PAGE, rows: new Map(), seen: false, adding: false, reading: 0, toast: 0 };

  // --- The API -------------------------------------------------------------------------------------------------

  class ApiError extends Error {
    constructor(message, { status = 0, retryAfter = 0 } = {}) {
      super(message);
      this.status = status;
      this.retryAfter = retryAfter;
    }
  }

  async function call(path, options = {}) {
    let response;
    try {
      response = await fetch(API + path, { ...options, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });
    } catch (error) {
      const late = error.name === "TimeoutError";
      throw new ApiError(late ? "The API did not answer in time." : "There was no answer from the API.");
    }
    showServer(response.headers);
    if (response.ok) return response;
    const { detail } = await response.json().catch(() => ({}));
    throw new ApiError(typeof detail === "string" ? detail : `The API answered with an error (${response.status}).`, {
      status: response.status,
      retryAfter: Number(response.headers.get("Retry-After")) || 0,
    });
  }

  const asJson = (body) => ({ headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

  // --- Reading: at once, then every REFRESH, or with growing pauses while it fails ------------------------------

  async function read() {
    clearTimeout(state.timer);
    const turn = ++state.reading; // an answer that was overtaken by a newer read is dropped
    try {
      const response = await call(`/goals?limit=${state.limit}`);
      const goals = await response.json();
      if (turn !== state.reading) return;
      recovered();
      render(goals, (response.headers.get("Link") || "").includes('rel="next"'));
      next(REFRESH / 1000);
    } catch (error) {
      if (turn === state.reading) failed(error instanceof ApiError ? error : new ApiError("The API's answer could not be read."));
    }
  }

  function next(seconds) {
    state.timer = setTimeout(() => (document.hidden ? next(seconds) : read()), seconds * 1000);
  }

  function recovered() {
    if (state.failures) announce("The API can be reached again.");
    state.failures = 0;
    byId("outage").hidden = true;
    document.body.classList.remove("stale");
    showLink("up", "Connected");
  }

  function failed(error) {
    const pause = Math.max(BACKOFF[Math.min(state.failures, BACKOFF.length - 1)], error.retryAfter) * (1 + Math.random() / 4);
    state.failures += 1;
    const shown = state.rows.size > 0;
    setText("outage-title", "Your goals can't be reached.");
    setText("outage-cause", error.message + (shown ? " You see them as they were last." : ""));
    byId("outage").hidden = false;
    byId("skeleton").hidden = true;
    byId("waiting").hidden = state.seen;
    list.setAttribute("aria-busy", "false");
    document.body.classList.add("stale");
    showLink("down", "Not connected");
    countDown(performance.now() + pause * 1000);
  }

  function countDown(until) {
    const left = Math.ceil((until - performance.now()) / 1000);
    setText("countdown", left > 0 ? `again in ${left} s` : "trying …");
    if (left > 0) state.timer = setTimeout(() => countDown(until), 250);
    else read();
  }

  // --- The list ------------------------------------------------------------------------------------------------

  function render(goals, more) {
    const wanted = new Set(goals.map((goal) => goal.id));
    for (const [id, row] of state.rows) if (!wanted.has(id)) remove(id, row);
    goals.forEach((goal, place) => {
      const row = state.rows.get(goal.id) || makeRow(goal);
      if (list.children[place] !== row) list.insertBefore(row, list.children[place] || null);
      showAge(row, goal);
    });
    list.setAttribute("aria-busy", "false");
    state.seen = true;
    byId("skeleton").hidden = byId("waiting").hidden = true;
    byId("more").hidden = !more || state.limit >= MOST;
    showCount(more);
  }

  function makeRow(goal) {
    const row = document.createElement("li");
    row.className = state.seen ? "goal new" : "goal";
    row.dataset.id = goal.id;
    row.innerHTML =
      '<span class="goal-mark" aria-hidden="true"></span><div class="goal-body"><span class="goal-text"></span><time></time></div>' +
      '<button class="delete" type="button"><svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">' +
      '<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10.3 11v5M13.7 11v5"/></svg></button>';
    row.querySelector(".goal-text").textContent = goal.text;
    const button = row.querySelector(".delete");
    button.setAttribute("aria-label", `Delete “${goal.text}”`);
    button.title = "Delete";
    button.addEventListener("click", () => deleteGoal(goal, row));
    state.rows.set(goal.id, row);
    return row;
  }

  /** Take a row away; the focus, if it was in it, goes to its neighbour, or to the input of an empty list. */
  function remove(id, row) {
    if (row.contains(document.activeElement)) {
      const neighbour = row.nextElementSibling || row.previousElementSibling;
      (neighbour ? neighbour.querySelector(".delete") : input).focus();
    }
    row.remove();
    state.rows.delete(id);
  }

  function showCount(more = !byId("more").hidden) {
    const count = state.rows.size;
    setText("count", count ? `${count}${more ? "+" : ""} ${count === 1 ? "goal" : "goals"}` : "");
    byId("empty").hidden = !state.seen || count > 0;
  }

  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60]];

  function showAge(row, goal) {
    const time = row.querySelector("time");
    const made = new Date(goal.created_at);
    const age = (Date.now() - made) / 1000;
    const unit = UNITS.find(([, seconds]) => age >= seconds);
    const text = unit ? relative.format(-Math.floor(age / unit[1]), unit[0]) : "just now";
    if (time.textContent !== text) time.textContent = text;
    time.dateTime = goal.created_at;
    time.title = made.toLocaleString("en");
  }

  // --- Writing: once, and told plainly when it failed ------------------------------------------------------------

  async function addGoal(event) {
    event.preventDefault();
    if (state.adding) return;
    const text = input.value.trim();
    const length = [...text].length;
    if (!length) return complain("Write a goal first.");
    if (length > MAX_LENGTH) return complain(`That is ${length} characters; a goal has at most ${MAX_LENGTH}.`);
    adding(true);
    try {
      await call("/goals", { method: "POST", ...asJson({ text }) });
      if (input.value.trim() === text) input.value = "";
      note("");
      announce(`Added: ${text}`);
    } catch (error) {
      complain(`Not added: ${lowerFirst(error.message)} Your text is still here.`);
    } finally {
      adding(false);
    }
    input.focus();
    await read();
  }

  async function deleteGoal(goal, row) {
    if (row.classList.contains("going")) return;
    row.classList.add("going");
    try {
      await call(`/goals/${goal.id}`, { method: "DELETE" });
    } catch (error) {
      if (error.status !== 404) { // 404: somebody else has deleted it, which is what was wanted
        row.classList.remove("going");
        note(`Not deleted: ${lowerFirst(error.message)}`, true);
        return;
      }
    }
    note("");
    remove(goal.id, row);
    showCount();
    announce(`Deleted: ${goal.text}`);
    offerUndo(goal);
    await read();
  }

  function offerUndo(goal) {
    clearTimeout(state.toast);
    setText("toast-text", `Deleted “${goal.text}”`);
    byId("toast").hidden = false;
    byId("undo").onclick = () => undo(goal);
    hideToastLater();
  }

  /** Not while it is pointed at or holds the focus: whoever is slow to reach the button still finds it. */
  function hideToastLater() {
    const toast = byId("toast");
    state.toast = setTimeout(() => {
      if (toast.matches(":hover") || toast.contains(document.activeElement)) hideToastLater();
      else toast.hidden = true;
    }, UNDO_FOR);
  }

  async function undo(goal) {
    byId("toast").hidden = true;
    input.focus();
    try {
      await call("/goals", { method: "POST", ...asJson({ text: goal.text }) });
      announce(`Back again: ${goal.text}`);
    } catch (error) {
      input.value ||= goal.text;
      complain(`Not brought back: ${lowerFirst(error.message)}`);
    }
    await read();
  }

  // --- What the page says ----------------------------------------------------------------------------------------

  function setText(id, text) {
    const element = byId(id);
    if (element.textContent !== text) element.textContent = text; // a live region that is set again is read again
  }

  const announce = (text) => setText("announcer", text);
  const lowerFirst = (text) => text.charAt(0).toLowerCase() + text.slice(1);

  function note(text, bad = false) {
    setText("goal-note", text);
    byId("goal-note").classList.toggle("bad", bad);
    input.removeAttribute("aria-invalid");
  }

  function complain(text) {
    note(text, true);
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }

  function adding(busy) {
    state.adding = busy;
    // Not `disabled`, which would drop the keyboard's focus.
    byId("add").setAttribute("aria-disabled", String(busy));
    setText("add", busy ? "Adding …" : "Add goal");
  }

  function showLink(kind, text) {
    byId("link-dot").className = `link-dot ${kind}`;
    setText("link-state", text);
    if (kind === "down") setText("served-by", "");
  }

  function showServer(headers) {
    const server = headers.get("X-Served-By");
    const version = headers.get("X-App-Version");
    if (server) setText("served-by", `served by ${server}${version ? `, version ${version}` : ""}`);
  }

  function countCharacters() {
    const left = MAX_LENGTH - [...input.value.trim()].length;
    if (left < 0) note(`${-left} characters too many`, true);
    else note(left <= 40 ? `${left} characters left` : "");
  }

  form.addEventListener("submit", addGoal);
  input.addEventListener("input", countCharacters);
  byId("retry").addEventListener("click", () => {
    setText("countdown", "trying …");
    read();
  });
  byId("more").addEventListener("click", () => {
    state.limit = Math.min(state.limit + PAGE, MOST);
    read();
  });
  document.addEventListener("visibilitychange", () => document.hidden || read());
  window.addEventListener("online", read);
  read();
})();
