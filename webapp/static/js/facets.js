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

// A toggle event would come for those that are only loaded, too; Enter on a title is a click.
document.addEventListener("click", (event) => {
  const facet = event.target.closest("#facets summary")?.parentElement;
  if (!facet) return;
  const keys = folded();
  keys[facet.open ? "add" : "delete"](facet.dataset.facet);
  localStorage.setItem(FOLDED, JSON.stringify([...keys]));
});

// The page is replaced as a whole: what stood here, how far it was scrolled and where the keyboard was.
let left = null;

const placeOf = (element) => ({
  facet: element.closest("[data-facet]")?.dataset.facet,
  value: element.closest("li")?.querySelector(".value__name").textContent,
  kind: element.classList[0],
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const isColumn = detail.target?.id === "facets";
  if (!facets() || !(isColumn || detail.target?.id === "explorer")) return;
  if (isColumn && facets().hasAttribute("aria-busy")) return; // noted when the page was replaced
  const inside = document.activeElement?.closest("#facets :is(a, summary, button)");
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
  (value?.querySelector(`.${place.kind}, .value__box`) ?? facet?.querySelector("summary") ?? facets()).focus({ preventScroll: true });
}

function arrive() {
  if (!facets()) return;
  const keys = folded();
  for (const facet of facets().querySelectorAll("details")) facet.open = !keys.has(facet.dataset.facet);
  restore();
  tell();
}

arrive();
document.addEventListener("htmx:afterSwap", ({ detail }) => ["explorer", "facets"].includes(detail.target?.id) && arrive());
