// The facets: shown and hidden, those folded are remembered, the old ones stand dimmed until the new ones are there.

import { plainClick } from "./visit.js";

const HIDDEN = "hedgerow-facets";
const FOLDED = "hedgerow-facets-folded";
const phone = window.matchMedia("(max-width: 759px)");

const facets = () => document.getElementById("facets");
const folded = () => new Set(JSON.parse(localStorage.getItem(FOLDED) ?? "[]"));
const isShown = () => Boolean(facets()?.checkVisibility());
const tell = () => document.querySelector(".status__facets")?.setAttribute("aria-expanded", String(isShown()));

// Before htmx looks at the page: what is hidden does not load.
document.body.classList.toggle("facets-hidden", localStorage.getItem(HIDDEN) === "hidden");

export function toggleFacets() {
  if (!facets()) return;
  if (phone.matches) {
    const open = document.body.classList.toggle("facets-open");
    (open ? facets() : document.querySelector(".status__facets"))?.focus({ preventScroll: true });
  } else {
    const hidden = document.body.classList.toggle("facets-hidden");
    localStorage.setItem(HIDDEN, hidden ? "hidden" : "");
  }
  tell();
}

export function closeFacets() {
  const closes = phone.matches && isShown();
  if (closes) toggleFacets();
  return closes;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-facets]") || !plainClick(event)) return;
  event.preventDefault();
  toggleFacets();
});

// Whoever is typing into a facet's search has its values there already.
document.addEventListener("submit", (event) => event.target.matches(".facet__find") && event.preventDefault());

document.addEventListener("toggle", (event) => {
  const facet = event.target.closest?.("#facets details");
  if (!facet) return;
  const keys = folded();
  keys[facet.open ? "delete" : "add"](facet.dataset.facet);
  localStorage.setItem(FOLDED, JSON.stringify([...keys]));
}, true);

// The page is replaced as a whole: what stood here, how far it was scrolled and where the keyboard was.
let left = null;

const placeOf = (element) => ({
  facet: element.closest("[data-facet]")?.dataset.facet,
  value: element.closest("li")?.querySelector(".value__name").textContent,
  kind: element.classList[0],
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "explorer" || !facets()) return;
  const inside = document.activeElement?.closest("#facets a, #facets summary");
  left = { old: facets().querySelector(".facets__in")?.cloneNode(true), top: facets().scrollTop, place: inside ? placeOf(inside) : left?.place };
});

function restore() {
  if (!left) return;
  facets().scrollTop = left.top;
  if (facets().hasAttribute("aria-busy")) {
    if (!left.old || facets().contains(left.old)) return;
    left.old.classList.add("facets--stale");
    left.old.inert = true;
    facets().replaceChildren(left.old);
    facets().scrollTop = left.top;
    return;
  }
  const { place } = left;
  left = null;
  if (!place || ![document.body, document.getElementById("list")].includes(document.activeElement)) return;
  const facet = [...facets().querySelectorAll("[data-facet]")].find((one) => one.dataset.facet === place.facet);
  const value = [...(facet?.querySelectorAll("li") ?? [])].find((one) => one.querySelector(".value__name")?.textContent === place.value);
  (value?.querySelector(`.${place.kind}, .value__box`) ?? facet?.querySelector("summary"))?.focus({ preventScroll: true });
}

window.htmx.onLoad((element) => {
  if (!facets() || !(element === document.body || ["explorer", "facets"].includes(element.id))) return;
  const keys = folded();
  for (const facet of facets().querySelectorAll("details")) facet.open = !keys.has(facet.dataset.facet);
  restore();
  tell();
});
