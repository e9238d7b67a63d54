// The list may be scrolled for ever, in both directions: far blocks are kept as text, and a gap of their height stands
// for them. What is being read never moves when rows come in above it.

const FAR = "14000px"; // each way: seven blocks of a hundred lines

const list = () => document.getElementById("list");
const kept = new WeakMap();

function fold(block) {
  const height = block.offsetHeight;
  if (!height || block.contains(document.activeElement) || block.contains(getSelection().anchorNode)) return;
  kept.set(block, block.innerHTML);
  block.replaceChildren();
  block.style.height = `${height}px`;
}

function unfold(block) {
  const html = kept.get(block);
  if (html === undefined) return;
  kept.delete(block);
  block.innerHTML = html;
  block.style.height = "";
  const chosen = document.querySelectorAll("#list .row.is-active");
  const open = new URLSearchParams(location.search).get("row");
  if (chosen.length > 1) for (const row of block.querySelectorAll(".is-active")) if (row.dataset.row !== open) row.classList.remove("is-active");
}

let watcher = null;

function watch() {
  watcher?.disconnect();
  if (!list()) return;
  const root = list();
  watcher = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) if (target.isConnected) (isIntersecting ? unfold : fold)(target);
    },
    { root, rootMargin: `${FAR} 0px` },
  );
  for (const block of root.querySelectorAll(".block")) watcher.observe(block);
}

// Rows above: the row at the top of what is seen keeps its place, whatever the heights of the new ones turn out to be.
let anchor = null;

export const topRow = () => {
  const top = list().getBoundingClientRect().top + 24;
  return [...document.querySelectorAll("#list .row")].find((row) => row.getBoundingClientRect().bottom > top);
};

function hold() {
  if (!anchor?.row.isConnected) return;
  list().scrollTop += anchor.row.getBoundingClientRect().top - anchor.top;
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const isAbove = detail.target?.classList?.contains("more--above");
  const row = isAbove ? topRow() : null;
  anchor = row ? { row, top: row.getBoundingClientRect().top } : null;
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id === "explorer") watch();
  if (!anchor) return;
  hold();
  requestAnimationFrame(() => (hold(), requestAnimationFrame(() => (hold(), (anchor = null)))));
});

window.htmx.onLoad((element) => element.classList?.contains("block") && list()?.contains(element) && watcher?.observe(element));

watch();
// A list that begins in the middle: the first row, not the way to those above it, is what one came for.
function begin() {
  const above = document.querySelector("#list .more--above");
  if (above && !new URLSearchParams(location.search).get("row")) list().scrollTop = above.offsetHeight;
}
begin();
document.addEventListener("htmx:afterSettle", ({ detail }) => detail.target?.id === "explorer" && begin());
