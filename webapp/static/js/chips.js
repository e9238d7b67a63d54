// The chips over the search box: gone while the box says something else, and a click on one selects its text.

const query = () => document.getElementById("query");

// The chips are those of the search that was run.
const compare = () => query()?.classList.toggle("is-edited", query().value !== query().defaultValue);

document.addEventListener("input", (event) => event.target === query() && compare());
window.addEventListener("pageshow", compare);

document.addEventListener("click", (event) => {
  const label = event.target.closest(".chip label[data-start]");
  if (!label) return;
  event.preventDefault();
  query().focus();
  query().setSelectionRange(label.dataset.start, label.dataset.end);
});

// Whoever takes chips away by the keyboard goes on with the next one.
let next = -1;

document.addEventListener("click", (event) => {
  const link = event.target.closest(".chip a");
  next = link && event.detail === 0 ? [...document.querySelectorAll(".chip a")].indexOf(link) : -1;
}, true);

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "explorer") return;
  compare();
  const links = document.querySelectorAll(".chip a");
  if (next >= 0) (links[Math.min(next, links.length - 1)] ?? query())?.focus();
  next = -1;
});
