// The list: choosing rows by mouse and keyboard, opening one beside the list, walking on. One listener for all rows.

import { copyText } from "./copy.js";

const list = () => document.getElementById("list");
const detail = () => document.getElementById("detail");
const rows = () => [...document.querySelectorAll("#list .row")];
const active = () => document.querySelector("#list .row.is-active");

function choose(row, { focus = true } = {}) {
  for (const other of document.querySelectorAll("#list .row.is-active, #list .row[tabindex='0']")) {
    other.classList.remove("is-active");
    other.tabIndex = -1;
  }
  row.classList.add("is-active");
  row.tabIndex = 0;
  if (focus) row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function load(pageUrl) {
  const url = new URL(pageUrl, location.href);
  const key = url.searchParams.get("row");
  url.searchParams.delete("row");
  const part = `${url.pathname.replace(/\/$/, "")}/row/${encodeURIComponent(key)}${url.search}`;
  return window.htmx.ajax("GET", part, { source: "#detail", target: "#detail", swap: "innerHTML" });
}

export function open(row) {
  choose(row);
  const link = row.querySelector(".t a").href;
  history.replaceState(history.state, "", link);
  load(link);
}

export function close() {
  const link = detail()?.querySelector("[data-close]");
  if (!link) return false;
  history.replaceState(history.state, "", link.href);
  detail().replaceChildren();
  (active() ?? list())?.focus({ preventScroll: true });
  return true;
}

export function walk(step, matches = () => true) {
  const all = rows();
  if (!all.length) return;
  let at = all.indexOf(active());
  do at = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  while (all[at] && !matches(all[at]));
  if (!all[at]) {
    if (step > 0) list().scrollTop = list().scrollHeight; // the next block loads when its place comes into view
    return;
  }
  if (detail().childElementCount) open(all[at]);
  else choose(all[at]);
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

export function toggleWrap() {
  const on = list()?.classList.toggle("wrap-lines");
  localStorage.setItem("hedgerow-wrap", on ? "1" : "");
}

document.addEventListener("click", (event) => {
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const closing = event.target.closest("[data-close]");
  const walking = event.target.closest("[data-walk]");
  const inside = event.target.closest("a[data-detail-link]");
  const row = event.target.closest("#list .row");
  if (!plain) return;
  if (closing || inside) event.preventDefault();
  if (closing) close();
  else if (walking) walk(Number(walking.dataset.walk));
  else if (inside) load(inside.href);
  else if (row && getSelection().isCollapsed) {
    event.preventDefault();
    open(row);
  } else if (row && event.target.closest("a")) event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("#list .row");
  if (row && event.target === row && row !== active()) choose(row, { focus: false });
});

window.htmx.onLoad((element) => {
  if (element.id !== "explorer" && !element.querySelector?.("#list")) return;
  if (localStorage.getItem("hedgerow-wrap")) list()?.classList.add("wrap-lines");
  const first = active() ?? document.querySelector("#list .row");
  if (first) first.tabIndex = 0;
  active()?.scrollIntoView({ block: "center" });
});
