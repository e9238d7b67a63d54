// Every key is also a button or a link somewhere. Off inside inputs, but for Escape and Ctrl+Enter.

import { scale, toggleChart } from "./chart.js";
import { openColumns } from "./columns.js";
import { closeFacets, toggleFacets } from "./facets.js";
import { toggleLines } from "./lines.js";
import { endLive, toggleLive } from "./live.js";
import { closeMenus } from "./menus.js";
import { close, copyRow, copyRowLink, filterField, openActive, walk, walkErrors, walkFields } from "./rows.js";
import { openTab } from "./tabs.js";
import { openTime } from "./time.js";

const query = () => document.getElementById("query");

// Back undoes a zoom, but must not leave the explorer where there is nothing to undo.
const undo = () => (window.navigation?.canGoBack ?? true) && history.back();

const KEYS = {
  "/": () => (query()?.focus(), query()?.select()),
  "?": () => document.getElementById("keys")?.showModal(),
  "1": () => openTab("logs"),
  "2": () => openTab("patterns"),
  "3": () => openTab("groups"),
  "-": () => scale(2),
  "+": () => scale(0.5),
  "=": () => scale(0.5),
  "]": () => walk(1),
  "[": () => walk(-1),
  j: () => walkFields(1) || walk(1),
  k: () => walkFields(-1) || walk(-1),
  b: toggleFacets,
  c: openColumns,
  e: () => walkErrors(1),
  E: () => walkErrors(-1),
  f: () => filterField("for"),
  F: () => filterField("out"),
  h: toggleChart,
  l: toggleLive,
  t: openTime,
  v: () => document.getElementById("compare")?.click(),
  w: () => toggleLines("wrap"),
  y: copyRow,
  Y: copyRowLink,
  z: undo,
};

const BAR = new Set(["/", "t"]); // wherever there is a search box with a time box

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const typing = event.target.matches("input, textarea, select, [contenteditable]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    document.getElementById("search")?.requestSubmit();
  } else if (event.key === "Escape") {
    if (!closeMenus() && !(typing && event.target.blur() === undefined) && !closeFacets() && !close()) endLive();
  } else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    if (event.key === "Enter" && event.target.matches(".row")) openActive();
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.closest("#list")) walk(event.key === "ArrowDown" ? 1 : -1);
    else if (KEYS[event.key] && (document.getElementById("explorer") || (query() && BAR.has(event.key)))) KEYS[event.key]();
    else return;
    event.preventDefault();
  }
});
