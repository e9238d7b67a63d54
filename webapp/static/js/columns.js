// The columns of the list: their menu, and their widths by pointer or keyboard. A width is in the address: `service:12`.

import { closeMenus } from "./menus.js";

const WIDTHS = /:\d+(?=,|$)/g;
const list = () => document.getElementById("list");
const grips = () => [...document.querySelectorAll("#list .grip")];

export function openColumns() {
  const menu = document.getElementById("view-menu");
  if (!menu) return;
  closeMenus();
  menu.open = true;
  document.getElementById("column-key").focus();
}

// The rows have their widths as classes, those that are still to come, too. What is dragged lies over them.
const sheet = new CSSStyleSheet();
document.adoptedStyleSheets.push(sheet);

const draw = (widths) =>
  sheet.replaceSync(widths.map((width, at) => `#list :is(.row, .list__head) > :nth-child(${at + 3}) { width: ${width}ch }`).join("\n"));

const measured = () => grips().map((grip) => Number(grip.ariaValueNow));

function setWidth(grip, width) {
  grip.ariaValueNow = Math.min(Math.max(Math.round(width), Number(grip.ariaValueMin)), Number(grip.ariaValueMax));
  if (!matchMedia("(max-width: 759px)").matches) draw(measured());
}

// A key that has a colon is in quotes, so that what follows the last colon of a part is a width.
const parts = (cols) => cols.match(/(?:"(?:[^"\\]|\\.)*"|[^,])+/g) ?? [];

const changed = (cols) =>
  parts(cols)
    .map((part, at) => {
      const width = grips()[at].ariaValueNow;
      return part.replace(WIDTHS, "") + (width === grips()[at].dataset.usual ? "" : `:${width}`);
    })
    .join(",");

function keep() {
  list().dataset.cols = changed(list().dataset.cols);
  history.replaceState(history.state, "", carried(location.href));
}

// Addresses on the page are from before: those that keep the columns get their widths.
function carried(address) {
  const url = new URL(address, location.href);
  const now = list()?.dataset.cols;
  const wanted = url.searchParams.get("cols") ?? "service";
  if (!now || wanted === now || parts(wanted).join().replace(WIDTHS, "") !== parts(now).join().replace(WIDTHS, "")) return address;
  url.searchParams.set("cols", now);
  return url.pathname + url.search + url.hash;
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get" || !detail.path.includes("/logs")) return;
  if (typeof detail.parameters.cols === "string") detail.parameters.cols = new URLSearchParams(carried(`?cols=${encodeURIComponent(detail.parameters.cols)}`).split("?")[1]).get("cols");
  else if (!detail.parameters.cols) detail.path = carried(detail.path);
});

let held = null;

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.(".grip");
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  const column = grip.parentElement;
  held = { grip, x: event.clientX, width: Number(grip.ariaValueNow), px: column.getBoundingClientRect().width / Number(grip.ariaValueNow) };
  grip.setPointerCapture(event.pointerId);
  grip.classList.add("is-held");
});

document.addEventListener("pointermove", (event) => held && setWidth(held.grip, held.width + (event.clientX - held.x) / held.px));

function letGo(event) {
  if (!held) return;
  held.grip.classList.remove("is-held");
  if (event.type === "pointercancel") setWidth(held.grip, held.width);
  held = null;
  keep();
}

document.addEventListener("pointerup", letGo);
document.addEventListener("pointercancel", letGo);

document.addEventListener("dblclick", (event) => {
  const grip = event.target.closest(".grip");
  if (!grip) return;
  setWidth(grip, Number(grip.dataset.usual));
  keep();
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || !event.target.matches(".grip")) return;
  event.preventDefault();
  setWidth(event.target, Number(event.target.ariaValueNow) + step * (event.shiftKey ? 5 : 1));
  keep();
});

document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target?.id === "explorer" && sheet.replaceSync(""));
