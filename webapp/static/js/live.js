// The live tail: rows as they come, at the edge of the list, without leaving the page. Whatever shows that somebody reads
// holds it: rows gather then, until they are asked for.

import { iso } from "./chart.js";
import { openFeed } from "./live_feed.js";
import { request } from "./request.js";
import { openTab } from "./tabs.js";

const KEPT = 500; // rows; what lies further back is a search away
const EDGE_PX = 8;
const AIM_MS = 600; // nothing moves under a pointer that is on its way to a row
const NOW_AND_THEN = 10; // seconds: between counts, and words for those who listen

let tail = null;
let wanted = false;

const explorer = () => document.getElementById("explorer");
const list = () => document.getElementById("list");
const part = (name) => document.querySelector(`[data-live-${name}]`);
const rows = (within = list()) => [...within.querySelectorAll(".row")];
const many = (count) => count.toLocaleString("en");
const say = (text) => { document.getElementById("said").textContent = text; };
const timeOf = (row) => BigInt(row.dataset.row.split(".")[0]);
const placeOf = (row) => row.place ?? timeOf(row);

function parse(html, mark) {
  const { content } = Object.assign(document.createElement("template"), { innerHTML: html });
  const cameAt = BigInt(mark.split("-")[0]);
  // A clock that is ahead must not keep its rows at the edge: none is placed later than it came.
  for (const row of rows(content)) row.place = timeOf(row) < cameAt ? timeOf(row) : cameAt;
  return content;
}

// --- The list ---

function cut(far) {
  const { cut: link, up } = tail;
  link.hidden = false;
  link.querySelector("a").href = explorer().dataset.zoom.replace("__range__", `${iso(BigInt(explorer().dataset.start))}..${iso(timeOf(far) + 1n)}`);
  if (list().contains(link)) return;
  if (up) list().querySelector(".block").before(link);
  else list().querySelector(".more, .end").replaceWith(link);
}

// Rows go to their place in time. One that is older than all that are kept belongs to what lies further back.
function insert(fresh) {
  const { up } = tail;
  const all = rows();
  const goesOn = list().querySelector(".more, [data-live-cut]");
  for (const row of fresh) {
    let at = up ? all.length : 0;
    if (up) while (at && placeOf(all[at - 1]) > row.place) at -= 1;
    else while (at < all.length && placeOf(all[at]) > row.place) at += 1;
    if (goesOn && all.length && at === (up ? 0 : all.length)) continue;
    if (all[at]) all[at].before(row);
    else if (at) all[at - 1].after(row);
    else list().querySelector(".block").append(row);
    all.splice(at, 0, row);
  }
  if (all.length > KEPT) {
    for (const row of up ? all.splice(0, all.length - KEPT) : all.splice(KEPT)) row.remove();
    cut(all.at(up ? 0 : -1));
  }
  if (!list().querySelector("[tabindex='0']")) all.at(up ? -1 : 0)?.setAttribute("tabindex", 0);
}

function begin({ html, note, ...facts }, mark) {
  const open = list().querySelector(".is-active")?.dataset.row;
  const hadFocus = list().contains(document.activeElement);
  tail.cut.hidden = true;
  part("place").append(tail.cut); // it must not go with the rows
  list().replaceChildren(...parse(html, mark).querySelector("#list").childNodes);
  Object.assign(tail, facts, { begun: true, anew: null });
  window.htmx.process(list());
  for (const row of rows()) row.classList.toggle("is-active", row.dataset.row === open);
  (list().querySelector(".is-active") ?? rows()[0])?.setAttribute("tabindex", 0);
  if (facts.is_cut) cut(rows()[0]);
  if (hadFocus) list().focus({ preventScroll: true });
  tell(note);
}

const isAway = ({ scrollTop, scrollHeight, clientHeight }) => (tail.up ? scrollHeight - clientHeight - scrollTop : scrollTop) > EDGE_PX;

// Put in what has gathered, unless somebody reads or aims.
function flow(isAsked = false) {
  if (tail.begun && !isAsked && isAway(list())) hold(); // before the browser tells of the scrolling
  if (tail.held || performance.now() < tail.aimUntil) return;
  if (tail.anew) begin(...tail.anew);
  const { waiting, count, gathered } = tail;
  if (waiting.length <= 5) for (const row of waiting) row.classList.add("is-new");
  insert(waiting);
  if (gathered && waiting.length < count) tell(`${many(waiting.length)} of ${many(count)} new rows are shown`);
  Object.assign(tail, { waiting: [], count: 0, gathered: false });
  list().scrollTop = tail.up ? list().scrollHeight : 0;
}

const HEAR = {
  begin(data, mark) {
    Object.assign(tail, { anew: [data, mark], waiting: [], count: 0 });
    flow();
  },
  rows({ html, count, one_in: oneIn }, mark) {
    const known = new Set([...rows(), ...tail.waiting].map((row) => row.dataset.row));
    const fresh = rows(parse(html, mark)).filter((row) => !known.has(row.dataset.row));
    tail.waiting = [...tail.waiting, ...(tail.up ? fresh : fresh.reverse())].slice(-KEPT);
    for (const name of ["count", "came", "unsaid"]) tail[name] += count;
    tail.oneIn = Math.max(tail.oneIn, oneIn);
    tail.gathered ||= tail.held;
    tail.isStale = true;
    flow();
  },
  trouble: ({ detail }) => tell(detail, true),
  fine: () => tell(),
  end({ status, detail }) {
    if (status === 401) location.reload(); // to the sign-in, and back here
    endLive();
    tell(detail);
  },
};

// --- What is said ---

function tell(text = "", canRetry = false) {
  const told = part("told");
  if (tail) tail.turns = 0; // it stays for a while
  told.hidden = !text;
  told.firstElementChild.textContent = text;
  told.lastElementChild.hidden = !canRetry;
}

function show() {
  const { begun, held, anew, count, rates, oneIn } = tail;
  const rate = rates.reduce((sum, one) => sum + one, 0) / 3;
  const sample = oneIn > 1 ? ` · showing 1 in ${many(oneIn)}` : "";
  explorer().classList.add("is-live");
  explorer().classList.toggle("is-held", held);
  part("switch").setAttribute("aria-pressed", true);
  part("state").hidden = false;
  part("state").textContent = held ? "Held" : begun && part("told").lastElementChild.hidden ? `Live · ${many(rate < 10 ? +rate.toFixed(1) : Math.round(rate))} rows/s${sample}` : "Live …";
  part("resume").hidden = !held;
  part("resume").textContent = `${anew ? "Many new" : count ? `${many(count)} new` : "Held"} · resume`;
}

// Once a second: what has waited for the pointer, the rate, and now and then the counts and a word for those who listen.
function tick() {
  if (tail.begun) flow();
  tail.rates = [tail.came, ...tail.rates].slice(0, 3);
  show();
  tail.turns += 1;
  if (tail.turns % NOW_AND_THEN === 0) {
    if (part("told").lastElementChild.hidden) part("told").hidden = true;
    if (tail.unsaid) say(`${many(tail.unsaid)} new ${tail.unsaid === 1 ? "row" : "rows"}`);
    tail.unsaid = 0;
    if (!tail.held) recount();
  }
  Object.assign(tail, { came: 0, oneIn: 1 });
}

function recount() {
  if (!tail.isStale || tail.is_over || !document.querySelector("#chart:not([aria-busy], .chart--hidden, :hover, :focus-within)")) return;
  tail.isStale = false;
  request(part("switch").dataset.counts, { source: "#chart", target: "#chart", swap: "outerHTML" });
}

// --- Begin, hold, end ---

function start() {
  wanted = !list();
  if (wanted) return openTab("logs");
  tail = {
    up: part("place").dataset.livePlace === "asc", cut: part("cut"), held: false, waiting: [], count: 0, came: 0, unsaid: 0, oneIn: 1,
    rates: [], turns: 0, aimUntil: 0, timer: setInterval(tick, 1_000),
  };
  tail.feed = openFeed(part("switch").dataset.url, (kind, data, mark) => { if (tail) { HEAR[kind](data, mark); if (tail) show(); } });
  tell();
  change(false, "Live");
}

function change(held, word) {
  tail.held = held;
  say(word);
  show();
}

const hold = () => tail?.begun && !tail.held && change(true, "Held");

function resume() {
  tail.aimUntil = 0;
  change(false, "Live");
  flow(true);
  show();
}

function stop() {
  clearInterval(tail.timer);
  tail.feed.close();
  tail = null;
}

export function endLive() {
  if (!tail) return;
  recount();
  stop();
  explorer().classList.remove("is-live", "is-held");
  part("switch").setAttribute("aria-pressed", false);
  for (const name of ["state", "resume", "told"]) part(name).hidden = true;
  say("Live has ended");
}

export const toggleLive = () => (tail ? (tail.held ? resume() : hold()) : part("switch") && start());

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-live-switch]")) (tail ? endLive : start)();
  else if (target.closest("[data-live-resume]")) resume();
  else if (target.closest("[data-live-retry]")) tail?.feed.retry();
});

// Whoever scrolls away, selects, opens a row or goes to one by keyboard reads.
const isOnRow = ({ target }) => target.closest?.("#list .row");
document.addEventListener("scroll", ({ target }) => tail && target === list() && isAway(target) && hold(), true);
document.addEventListener("selectionchange", () => !getSelection().isCollapsed && list()?.contains(getSelection().anchorNode) && hold());
document.addEventListener("focusin", (event) => isOnRow(event)?.matches(":focus-visible") && hold());
document.addEventListener("pointerdown", (event) => isOnRow(event) && hold());
document.addEventListener("htmx:beforeRequest", ({ detail }) => detail.target.id === "detail" && hold());
document.addEventListener("pointermove", (event) => { if (tail && isOnRow(event)) tail.aimUntil = performance.now() + AIM_MS; });

// Another search, or the same anew: the tail was of what was there.
document.addEventListener("htmx:beforeSwap", ({ detail }) => tail && detail.target.id === "explorer" && stop());
document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.id === "explorer" && wanted && part("switch") && start());
