// The live tail: rows as they come, at the edge of the list, without leaving the page. Whatever shows that somebody reads
// holds it: then the rows gather, until they are asked for.

import { iso } from "./chart.js";
import { openFeed } from "./live_feed.js";
import { request } from "./request.js";
import { openTab } from "./tabs.js";

const KEPT = 500; // rows; what lies further back is a search away
const KNOWN = 2_000; // rows whose keys are remembered: what is very new may come twice
const EDGE_PX = 8;
const AIM_MS = 600; // nothing moves under a pointer that is on its way to a row
const RATE_MS = 3_000;
const SAY_MS = 10_000;
const COUNT_MS = 10_000;
const TICK_MS = 500;

let tail = null;
let wanted = false;

const explorer = () => document.getElementById("explorer");
const list = () => document.getElementById("list");
const button = () => document.querySelector("[data-live]");
const part = (name) => document.querySelector(`[data-live-${name}]`);
const rows = () => [...document.querySelectorAll("#list .row")];
const many = (count) => count.toLocaleString("en");
const say = (text) => { document.getElementById("said").textContent = text; };
const placeOf = (row) => (row.place ??= BigInt(row.dataset.row.split(".")[0]));

function parse(html, selector) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.querySelectorAll(selector)];
}

// --- What is shown ---

const dayOf = (row) => tail.day.format(new Date(Number(BigInt(row.dataset.row.split(".")[0]) / 1_000_000n))).replace(",", "");

// The date stands above the first row of a day, but not at the top of the list.
function separate(row, before) {
  if (!row) return;
  const sign = row.previousElementSibling?.matches(".day") ? row.previousElementSibling : null;
  const isNew = before && dayOf(before) !== dayOf(row);
  if (sign && !isNew) sign.remove();
  if (sign || !isNew) return;
  const [made] = parse('<div class="day" role="row"><span role="gridcell" aria-colspan="4"></span></div>', ".day");
  made.firstChild.textContent = dayOf(row);
  row.before(made);
}

function cut(all) {
  const { start, zoom } = explorer().dataset;
  const far = all.at(tail.ascending ? 0 : -1);
  const at = BigInt(far.dataset.row.split(".")[0]) + 1n;
  if (!tail.link) {
    [tail.link] = parse('<div class="end" role="row"><span role="gridcell" aria-colspan="4"><a data-nav></a></span></div>', ".end");
    tail.link.querySelector("a").textContent = tail.ascending ? "Earlier rows" : "Older rows";
    if (tail.ascending) far.parentElement.before(tail.link);
    else document.querySelector("#list :is(.more, .end)")?.replaceWith(tail.link);
  }
  tail.link.querySelector("a").href = zoom.replace("__range__", `${iso(BigInt(start))}..${iso(at)}`);
}

// Rows go to their place in time. One that is older than all that are kept belongs to what lies further back.
function insert(fresh) {
  const all = rows();
  const goesOn = tail.link || document.querySelector("#list .more");
  for (const row of fresh) {
    let at = tail.ascending ? all.length : 0;
    if (tail.ascending) while (at > 0 && placeOf(all[at - 1]) > row.place) at -= 1;
    else while (at < all.length && placeOf(all[at]) > row.place) at += 1;
    if (goesOn && all.length && at === (tail.ascending ? 0 : all.length)) continue;
    if (at < all.length) all[at].before(row);
    else if (at) all[at - 1].after(row);
    else document.querySelector("#list .block").prepend(row);
    all.splice(at, 0, row);
    separate(row, all[at - 1]);
    separate(all[at + 1], row);
  }
  if (all.length > KEPT) {
    const left = tail.ascending ? all.splice(0, all.length - KEPT) : all.splice(KEPT);
    for (const row of left) {
      separate(row);
      row.remove();
    }
    cut(all);
  }
  if (all.length && !document.querySelector("#list .row[tabindex='0']")) all.at(tail.ascending ? -1 : 0).tabIndex = 0;
}

function toTheEdge() {
  list().scrollTop = tail.ascending ? list().scrollHeight : 0;
}

function flush() {
  if (!tail || tail.held || !tail.begun || performance.now() < tail.aimUntil) return;
  if (tail.anew) begin(tail.anew);
  const { waiting, count } = tail;
  if (!waiting.length) return;
  if (waiting.length <= 5) for (const row of waiting) row.classList.add("is-new");
  insert(waiting);
  if (tail.gathered && waiting.length < count) tell(`${many(waiting.length)} of ${many(count)} new rows are shown`);
  Object.assign(tail, { waiting: [], count: 0, gathered: false });
  toTheEdge();
}

// --- What is heard ---

function begin({ html, is_cut: isCut, is_over: isOver, note }) {
  const [fresh] = parse(html, "#list");
  const open = document.querySelector("#list .row.is-active")?.dataset.row;
  const hadFocus = list().contains(document.activeElement);
  list().replaceChildren(...fresh.childNodes);
  Object.assign(tail, { begun: true, anew: null, link: null, isOver });
  window.htmx.process(list());
  const all = rows();
  for (const row of all) remember(row, tail.mark);
  const active = all.find((row) => row.dataset.row === open);
  active?.classList.add("is-active");
  if (all.length) (active ?? all[0]).tabIndex = 0;
  if (isCut) cut(all);
  if (note) tell(note);
  toTheEdge();
  if (hadFocus) list().focus({ preventScroll: true });
}

// A clock that is ahead must not keep its rows at the edge: none is placed later than it came.
function remember(row, mark) {
  const cameAt = BigInt(mark.split("-")[0]);
  row.place = placeOf(row) < cameAt ? placeOf(row) : cameAt;
  tail.known.add(row.dataset.row);
  if (tail.known.size > KNOWN) tail.known.delete(tail.known.values().next().value);
}

function take({ html, count, one_in: oneIn }, mark) {
  const fresh = parse(html, ".row").filter((row) => !tail.known.has(row.dataset.row));
  if (!tail.ascending) fresh.reverse();
  for (const row of fresh) remember(row, mark);
  tail.waiting = [...tail.waiting, ...fresh].slice(-KEPT);
  tail.count += count;
  tail.unsaid += count;
  tail.gathered ||= tail.held;
  tail.changed = true;
  tail.heard.push({ at: performance.now(), count, oneIn });
  flush();
  show();
}

const HEAR = {
  begin(data, mark) {
    Object.assign(tail, { mark, anew: data, waiting: [], count: 0 });
    if (!tail.held) begin(data);
    show();
  },
  rows: take,
  trouble: ({ detail }) => tell(detail, "trouble"),
  fine: () => tell(""),
  end({ detail }) {
    endLive();
    tell(detail, "end");
  },
};

// --- What is said ---

function tell(text, kind = "note") {
  const place = part("told");
  clearTimeout(tell.timer);
  place.hidden = !text;
  place.firstElementChild.textContent = text;
  place.lastElementChild.hidden = kind !== "trouble";
  if (kind === "note") tell.timer = setTimeout(() => { place.hidden = true; }, SAY_MS);
}

function state() {
  if (!tail.begun) return "Live …";
  if (tail.held) return "Held";
  const rate = tail.heard.reduce((sum, { count }) => sum + count, 0) / (RATE_MS / 1000);
  const oneIn = Math.max(1, ...tail.heard.map((one) => one.oneIn));
  return `Live · ${many(rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate))} rows/s${oneIn > 1 ? ` · showing 1 in ${many(oneIn)}` : ""}`;
}

function show() {
  const now = performance.now();
  tail.heard = tail.heard.filter(({ at }) => at > now - RATE_MS);
  explorer().classList.add("is-live");
  explorer().classList.toggle("is-held", tail.held);
  button().setAttribute("aria-pressed", "true");
  part("state").hidden = false;
  part("state").textContent = state();
  const pill = part("resume");
  pill.hidden = !tail.held;
  pill.textContent = `${tail.anew ? "Many new" : tail.count ? `${many(tail.count)} new` : "Held"} · resume`;
}

// Twice a second: what has waited for the pointer, the rate, and now and then the counts and a word for those who listen.
function tick() {
  const now = performance.now();
  flush();
  show();
  if (tail.unsaid && now - tail.saidAt > SAY_MS) {
    say(`${many(tail.unsaid)} new ${tail.unsaid === 1 ? "row" : "rows"}`);
    Object.assign(tail, { unsaid: 0, saidAt: now });
  }
  if (tail.changed && !tail.held && !tail.isOver && now - tail.countedAt > COUNT_MS) recount();
}

function recount() {
  const chart = document.querySelector("#chart:not([aria-busy])");
  if (!chart?.checkVisibility() || chart.matches(":hover, :focus-within")) return;
  Object.assign(tail, { changed: false, countedAt: performance.now() });
  const url = new URL(button().dataset.counts, location.href);
  url.searchParams.delete("w"); // the window of the page ends when it was loaded
  request(url.href, { source: "#chart", target: "#chart", swap: "outerHTML" });
}

// --- Starting, holding, ending ---

function start() {
  if (!list()) {
    wanted = true;
    openTab("logs");
    return;
  }
  const now = performance.now();
  tail = {
    ascending: Boolean(part("place").dataset.ascending),
    day: new Intl.DateTimeFormat("en-GB", { timeZone: explorer().dataset.zone, weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    held: false, begun: false, anew: null, link: null, waiting: [], count: 0, gathered: false, known: new Set(), heard: [],
    aimUntil: 0, unsaid: 0, saidAt: now, changed: false, countedAt: now, mark: "",
    timer: setInterval(tick, TICK_MS),
  };
  tail.feed = openFeed(button().dataset.live, (kind, data, mark) => tail && HEAR[kind](data, mark));
  tell("");
  say("Live");
  show();
}

function hold() {
  if (!tail?.begun || tail.held) return;
  tail.held = true;
  say("Held");
  show();
}

function resume() {
  Object.assign(tail, { held: false, aimUntil: 0 });
  flush();
  toTheEdge();
  say("Live");
  show();
}

function stop() {
  clearInterval(tail.timer);
  tail.feed.close();
  tail = null;
}

export function endLive() {
  if (!tail) return;
  if (tail.changed && !tail.isOver) recount();
  stop();
  explorer().classList.remove("is-live", "is-held");
  button().setAttribute("aria-pressed", "false");
  for (const name of ["state", "resume", "told"]) part(name).hidden = true;
  say("Live has ended");
}

export function toggleLive() {
  if (!tail) button() && start();
  else if (tail.held) resume();
  else hold();
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-live]")) (tail ? endLive : start)();
  else if (target.closest("[data-live-resume]")) resume();
  else if (target.closest("[data-live-retry]")) tail?.feed.retry();
});

const isAtEdge = ({ scrollTop, scrollHeight, clientHeight }) => (tail.ascending ? scrollHeight - clientHeight - scrollTop : scrollTop) < EDGE_PX;

document.addEventListener("scroll", ({ target }) => tail && target === list() && !isAtEdge(target) && hold(), true);
document.addEventListener("selectionchange", () => tail && !getSelection().isCollapsed && list()?.contains(getSelection().anchorNode) && hold());
document.addEventListener("focusin", ({ target }) => target.matches?.("#list .row:focus-visible") && hold());
document.addEventListener("htmx:beforeRequest", ({ detail }) => detail.target?.id === "detail" && hold());

const isOnRow = ({ target }) => Boolean(tail && target.closest?.("#list .row"));
const aim = (ms) => { if (tail) tail.aimUntil = performance.now() + ms; };
document.addEventListener("pointermove", (event) => isOnRow(event) && !event.buttons && aim(AIM_MS));
document.addEventListener("pointerdown", (event) => isOnRow(event) && aim(60_000)); // until it is let go
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => aim(AIM_MS));

// Another search, or the same anew: the tail was of what was there.
document.addEventListener("htmx:beforeSwap", ({ detail }) => tail && detail.target?.id === "explorer" && stop());
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id !== "explorer" || !wanted) return;
  wanted = false;
  if (list() && button()) start();
});
