// The time box: the browser's own zone, the text field ready to be typed over when the menu opens, and the ranges that
// were typed or zoomed to before.

import { recall, remember } from "./recent.js";

const MOST_RECENT = 5;

function type() {
  const box = document.getElementById("time-text");
  if (document.activeElement === box) return;
  box.focus();
  box.select();
}

// A range and its name, with the zone that the name is in.
function showRecent() {
  const row = document.getElementById("time-recent");
  const times = recall("times").filter((one) => Array.isArray(one) && one.length === 2);
  row.replaceChildren(...times.map(([value, textContent]) => Object.assign(document.createElement("button"), { type: "button", value, textContent, title: value })));
  row.hidden = !times.length;
}

document.addEventListener("toggle", (event) => {
  if (event.target.id !== "time" || !event.target.open) return;
  showRecent();
  type();
}, true);

document.addEventListener("click", ({ target }) => {
  if (!target.matches("#time-recent button")) return;
  document.getElementById("time-text").value = target.value;
  target.form.requestSubmit();
});

// Typed, or zoomed to: neither a preset nor where the arrows lead.
let before = null;
let stepped = false;

document.addEventListener("click", (event) => { stepped = Boolean(event.target.closest(".time__step, .time__presets")); }, true);
document.addEventListener("htmx:beforeSwap", () => { before = document.getElementById("time-text")?.defaultValue; });
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "explorer") return;
  const time = document.getElementById("time-text")?.defaultValue;
  const isKnown = stepped || time === before || document.querySelector(".time__presets [aria-current]");
  stepped = false;
  if (!time || isKnown || document.getElementById("time-text").ariaInvalid) return;
  const zone = document.getElementById("explorer").dataset.zone;
  const label = document.getElementById("time-label").textContent;
  remember("times", [time, zone === "UTC" || time.includes("now") ? label : `${label} ${zone}`], MOST_RECENT);
});

export function openTime() {
  const menu = document.getElementById("time");
  if (!menu) return;
  menu.open = true;
  type(); // at once: the toggle event comes later than the next key
}

window.htmx.onLoad(() => {
  const link = document.querySelector("[data-browser-zone]");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!link || !zone || zone === "UTC" || zone === document.getElementById("explorer").dataset.zone) return;
  link.href = link.getAttribute("href").replace("__zone__", encodeURIComponent(zone));
  link.textContent = zone;
  link.hidden = false;
});
