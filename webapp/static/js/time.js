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

// Each is a range in the words of an address, a space, and its name.
function showRecent() {
  const row = document.getElementById("time-recent");
  row.replaceChildren(...recall("times").map((text) => {
    const [value] = text.split(" ", 1);
    return Object.assign(document.createElement("button"), { className: "button", type: "button", value, title: value, textContent: text.slice(value.length + 1) });
  }));
  row.hidden = !row.childElementCount;
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

// Those that were typed or zoomed to are kept: neither presets nor where the arrows lead.
let before = "";
let isStep = false;

document.addEventListener("click", ({ target }) => { isStep = Boolean(target.closest(".time__step")); }, true);
document.addEventListener("htmx:beforeSwap", () => { before = document.getElementById("time-text")?.defaultValue; });
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "explorer") return;
  const { defaultValue: time } = document.getElementById("time-text");
  if (!isStep && time !== before && !document.querySelector(".time__presets [aria-current]")) {
    const label = document.getElementById("time-label").textContent;
    const { zone } = document.getElementById("explorer").dataset;
    remember("times", `${time} ${label}${time.includes("T") && zone !== "UTC" ? ` ${zone}` : ""}`, MOST_RECENT);
  }
  isStep = false;
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
