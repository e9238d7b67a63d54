// The tabs over the list, and the tables of those other than the list.

import { plainClick } from "./visit.js";

const panel = () => document.getElementById("panel");

export const openTab = (name) => document.getElementById(`tab-${name}`)?.click();

// j and k, and the arrows, go from line to line; Enter opens the line or shows the group's rows.
document.addEventListener("keydown", (event) => {
  const by = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || !panel() || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.matches("input, textarea, select")) return;
  if (event.key.startsWith("Arrow") && !panel().contains(event.target)) return;
  const lines = [...panel().querySelectorAll("[data-step]")];
  const at = lines.findIndex((line) => line.closest("details, tr").contains(document.activeElement));
  const next = lines[at < 0 ? (by > 0 ? 0 : lines.length - 1) : at + by];
  if (!next) return;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  event.preventDefault();
});

// Anywhere in the line of a group is its link, but for the links to single values.
document.addEventListener("click", (event) => {
  const group = event.target.closest("tr[data-group]");
  if (group && plainClick(event) && !event.target.closest("a") && getSelection().isCollapsed) group.querySelector("[data-step]")?.click();
});

// While the table of another search or time is on its way, the old one stands dimmed in its place.
let old = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "explorer") return;
  const shown = panel();
  const nodes = shown?.ariaBusy === "true" ? shown.querySelector(".tab-panel__old") : shown;
  old = shown && { tab: shown.dataset.tab, top: shown.scrollTop, nodes: [...nodes.cloneNode(true).childNodes] };
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "explorer") return;
  const place = panel()?.querySelector(".tab-panel__old");
  if (!place || !old?.nodes.length || old.tab !== panel().dataset.tab) return;
  place.inert = true;
  place.replaceChildren(...old.nodes);
  panel().scrollTop = old.top;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id === "explorer" && document.activeElement === document.body) panel()?.focus({ preventScroll: true });
});
