// The histogram: drag to zoom by mouse or finger, choose bars by keyboard, Enter zooms, Esc lets go.

import { plainClick, visit } from "./visit.js";

const LEAST_PX = 4;
let drag = null;

const chart = () => document.getElementById("chart");
const facts = () => {
  const { start, step, buckets } = chart().dataset;
  return { start: BigInt(start), step: BigInt(step), buckets: Number(buckets) };
};

export const iso = (ns) => {
  const seconds = ns / 1_000_000_000n;
  const rest = String(ns % 1_000_000_000n).padStart(9, "0").replace(/0+$/, "");
  return new Date(Number(seconds) * 1000).toISOString().slice(0, 19) + (rest ? `.${rest}` : "") + "Z";
};

export function showRange(startNs, endNs) {
  const stem = document.getElementById("explorer").dataset.zoom;
  if (stem) visit(stem.replace("__range__", `${iso(startNs)}..${iso(endNs)}`));
}

function zoom(from, to) {
  const { start, step } = facts();
  showRange(start + step * BigInt(from), start + step * BigInt(to + 1));
}

function bucketAt(clientX) {
  const box = chart().querySelector("svg.plot").getBoundingClientRect();
  const { buckets } = facts();
  return Math.min(buckets - 1, Math.max(0, Math.floor(((clientX - box.left) / box.width) * buckets)));
}

function draw(from, to) {
  const select = chart().querySelector(".select");
  const label = chart().querySelector(".chart__label");
  const bars = chart().querySelectorAll("svg.bars a title");
  const [low, high] = from <= to ? [from, to] : [to, from];
  select.removeAttribute("hidden");
  select.setAttribute("x", low * 10);
  select.setAttribute("width", (high - low + 1) * 10);
  const begin = bars[low].textContent.split(" – ")[0];
  const end = bars[high].textContent.split(" – ")[1].split("\n")[0];
  label.textContent = low === high ? bars[low].textContent.replace("\n", " · ") : `${begin} – ${end}`;
  label.hidden = false;
  const plot = chart().querySelector(".chart__plot");
  const { buckets } = facts();
  const x = ((low + high + 1) / 2 / buckets) * plot.clientWidth;
  const half = label.offsetWidth / 2;
  label.style.left = `${plot.offsetLeft + Math.min(Math.max(x, half), plot.clientWidth - half)}px`;
  return [low, high];
}

function letGo() {
  drag = null;
  chart()?.querySelector(".select")?.setAttribute("hidden", "");
  const label = chart()?.querySelector(".chart__label");
  if (label) label.hidden = true;
}

document.addEventListener("pointerdown", (event) => {
  const plot = event.target.closest("svg.plot");
  if (!plot || !plainClick(event) || !chart().dataset.step) return;
  drag = { x: event.clientX, from: bucketAt(event.clientX), range: null };
  plot.setPointerCapture(event.pointerId);
});

document.addEventListener("pointermove", (event) => {
  if (!drag || !chart()) return;
  if (drag.range || Math.abs(event.clientX - drag.x) >= LEAST_PX) drag.range = draw(drag.from, bucketAt(event.clientX));
});

document.addEventListener("pointerup", () => {
  if (!drag || !chart()) return;
  const { range, from } = drag;
  letGo();
  zoom(...(range ?? [from, from]));
});

document.addEventListener("pointercancel", letGo);
// A click on a bar is a link for those without scripts; here the pointer has zoomed already.
document.addEventListener("click", (event) => event.target.closest("svg.bars a") && plainClick(event) && event.preventDefault());
document.addEventListener("dragstart", (event) => event.target.closest?.("svg.plot") && event.preventDefault());

let chosen = null;
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.(".chart__plot") || !chart().dataset.step) return;
  const { buckets } = facts();
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    const step = event.key === "ArrowLeft" ? -1 : 1;
    const head = Math.min(buckets - 1, Math.max(0, chosen ? chosen.head + step : step > 0 ? 0 : buckets - 1));
    chosen = { anchor: event.shiftKey && chosen ? chosen.anchor : head, head };
    draw(chosen.anchor, chosen.head);
    document.getElementById("said").textContent = chart().querySelector(".chart__label").textContent;
  } else if (event.key === "Enter" && chosen) {
    const { anchor, head } = chosen;
    chosen = null;
    letGo();
    zoom(Math.min(anchor, head), Math.max(anchor, head));
  } else if (event.key === "Escape") {
    chosen = null;
    letGo();
  } else return;
  event.preventDefault();
  event.stopPropagation();
});

document.addEventListener("keydown", (event) => event.key === "Escape" && drag && letGo());

export function toggleChart() {
  const hidden = chart()?.classList.toggle("chart--hidden");
  localStorage.setItem("hedgerow-chart", hidden ? "hidden" : "");
}

export function scale(factor) {
  const { start, end } = document.getElementById("explorer").dataset;
  const [from, to] = [BigInt(start), BigInt(end)];
  const half = ((to - from) * BigInt(Math.round(factor * 100))) / 200n;
  const middle = (from + to) / 2n;
  if (half > 0n) showRange(middle - half, middle + half);
}

window.htmx.onLoad((element) => {
  if (localStorage.getItem("hedgerow-chart")) chart()?.classList.add("chart--hidden");
  if (element.id === "chart") {
    chosen = null;
    const count = document.getElementById("count")?.textContent.trim();
    if (count && !document.querySelector(".is-live")) document.getElementById("said").textContent = count;
  }
});
