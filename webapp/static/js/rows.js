// The list: choosing rows by mouse and keyboard, opening one beside the list, walking on. One listener for all rows.

import { copyText } from "./copy.js";
import { request } from "./request.js";
import { topRow } from "./window.js";

const list = () => document.getElementById("list");
const detail = () => document.getElementById("detail");
const rows = () => [...document.querySelectorAll("#list .row")];
const active = () => document.querySelector("#list .row.is-active");

function choose(row, { focus = true, scroll = true } = {}) {
  for (const other of document.querySelectorAll("#list .row.is-active, #list .row[tabindex='0']")) {
    other.classList.remove("is-active");
    other.tabIndex = -1;
  }
  row.classList.add("is-active");
  row.tabIndex = 0;
  if (focus) row.focus({ preventScroll: true });
  if (scroll) row.scrollIntoView({ block: "nearest" });
}

const isOpen = () => Boolean(detail()?.childElementCount) || detail()?.classList.contains("htmx-request");

function load(pageUrl) {
  const url = new URL(pageUrl, location.href);
  const key = url.searchParams.get("row");
  url.searchParams.delete("row");
  const part = `${url.pathname.replace(/\/$/, "")}/row/${encodeURIComponent(key)}${url.search}`;
  return request(part, { source: "#detail", target: "#detail", swap: "innerHTML" });
}

export function open(row, options) {
  choose(row, options);
  const link = row.querySelector(".t a").href;
  history.replaceState(history.state, "", link);
  load(link);
}

export function close() {
  if (!isOpen()) return false;
  window.htmx.trigger("#detail", "htmx:abort"); // what is still on its way must not open it again
  const link = detail().querySelector("[data-close]");
  history.replaceState(history.state, "", link?.href ?? location.href.replace(/[?&]row=[^&]*$/, ""));
  detail().replaceChildren();
  (active() ?? list())?.focus({ preventScroll: true });
  return true;
}

export function walk(step, matches = () => true, options = {}) {
  const all = rows();
  if (!all.length) return;
  let at = all.indexOf(active());
  if (at < 0) at = step > 0 ? all.indexOf(topRow()) - 1 : all.length; // what was chosen may be far away
  do at += step;
  while (all[at] && !matches(all[at]));
  if (!all[at]) {
    if (step > 0) list().scrollTop = list().scrollHeight; // the next block loads when its place comes into view
    return;
  }
  if (isOpen()) open(all[at], options);
  else choose(all[at], options);
}

export const walkErrors = (step) => walk(step, (row) => row.classList.contains("t-error") || row.classList.contains("t-fatal"));
export const openActive = () => active() && open(active());

export function copyRow() {
  const row = active();
  if (row) copyText([...row.children].map((cell) => cell.textContent).join(" "), "Row copied");
}

export function copyRowLink() {
  const row = active();
  if (row) copyText(row.querySelector(".t a").href, "Link copied");
}

// The field where the keyboard is, or the first one that can be a filter.
export function filterField(way) {
  const fields = [...(detail()?.querySelectorAll(".pair:has([data-filter])") ?? [])];
  const at = fields.find((field) => field.contains(document.activeElement));
  if (at) at.querySelector(`[data-filter="${way}"]`).click();
  else fields[0]?.querySelector(`[data-filter="${way}"]`).focus();
}

// In the detail, j, k and the arrows go from field to field once the keyboard is in one.
export function walkFields(step) {
  const fields = [...(detail()?.querySelectorAll(".pair:has(a, button)") ?? [])];
  const at = fields.findIndex((field) => field.contains(document.activeElement));
  const next = fields[at + step];
  if (at < 0 || !next) return at >= 0;
  next.querySelector("a, button").focus();
  return true;
}

document.addEventListener("click", (event) => {
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const closing = event.target.closest("[data-close]");
  const walking = event.target.closest("[data-walk]");
  const inside = event.target.closest("a[data-detail-link], a[data-detail-open]");
  const row = event.target.closest("#list .row");
  if (!plain) return;
  if (closing || inside) event.preventDefault();
  if (closing) close();
  else if (walking) walk(Number(walking.dataset.walk), undefined, { focus: false });
  else if (inside) {
    if ("detailOpen" in inside.dataset) history.replaceState(history.state, "", inside.href);
    load(inside.href);
  }
  else if (row && getSelection().isCollapsed) {
    event.preventDefault();
    open(row);
  } else if (row && event.target.closest("a")) event.preventDefault();
});

// Whoever uses the buttons and tabs of the detail goes on there when it is replaced.
let kept = null;

function placeOf(element) {
  if (!detail().contains(element)) return null;
  const name = ["data-walk", "data-detail-link"].find((one) => element.hasAttribute(one));
  return name ? `[${name}="${element.getAttribute(name)}"]` : "[data-close]";
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target === detail()) kept = placeOf(document.activeElement);
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target !== detail() || !kept || document.activeElement !== document.body) return;
  (detail().querySelector(kept) ?? detail()).focus({ preventScroll: true });
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("#list .row");
  // no scrolling under the pointer: a selection may begin here
  if (row && event.target === row && row !== active()) choose(row, { focus: false, scroll: false });
});

// The rows around a row are looked at from the row on.
window.htmx.onLoad((element) => {
  const anchor = element.closest?.("#detail, #explorer") && detail()?.querySelector(".context .is-anchor");
  if (anchor) detail().scrollTop += anchor.getBoundingClientRect().top - detail().getBoundingClientRect().top - detail().clientHeight / 2;
});

window.htmx.onLoad((element) => {
  if (element.id !== "explorer" && !element.querySelector?.("#list")) return;
  const first = active() ?? document.querySelector("#list .row");
  if (first) first.tabIndex = 0;
  active()?.scrollIntoView({ block: "center" });
});
