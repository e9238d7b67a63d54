// While the explorer loads: a thin bar, the old rows dimmed, after a second the time that has passed and a way out.

let timer = 0;
let started = 0;
let source = null;
let typed = null;
let changed = null;
let chart = null;

const isPage = (event) => event.detail.target?.id === "explorer";

function show() {
  const pill = document.getElementById("waiting");
  if (!pill) return;
  const seconds = (performance.now() - started) / 1000;
  pill.hidden = seconds < 1;
  pill.firstElementChild.textContent = `Searching for ${seconds.toFixed(0)} s`;
}

function stop() {
  clearInterval(timer);
  document.getElementById("explorer")?.classList.remove("is-loading");
  const pill = document.getElementById("waiting");
  if (pill) pill.hidden = true;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!isPage(event)) return;
  source = event.detail.elt;
  typed = document.getElementById("query")?.value;
  started = performance.now();
  clearInterval(timer);
  timer = setInterval(show, 250);
  document.getElementById("explorer").classList.add("is-loading");
});

// An error may have been sent elsewhere than to the page: what counts is who asked.
document.addEventListener("htmx:afterRequest", (event) => event.detail.requestConfig.elt === source && stop());
document.addEventListener("htmx:targetError", () => window.location.reload());

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-cancel]")) return;
  window.htmx.trigger("#explorer", "htmx:abort"); // hx-sync keeps the page's requests there
  stop();
});

// What was typed while the answer was on its way stays, and the old chart stands dimmed until the new one is there.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isPage(event)) return;
  const box = document.getElementById("query");
  const { value, selectionStart, selectionEnd } = box ?? {};
  changed = box && value !== typed ? { value, selection: [selectionStart, selectionEnd] } : null;
  chart = document.querySelector("#chart:not([aria-busy]) .chart__plot svg")?.cloneNode(true) ?? null;
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (!isPage(event)) return;
  if (changed) {
    const box = document.getElementById("query");
    box.value = changed.value;
    box.setSelectionRange(...changed.selection);
  }
  const waiting = document.querySelector("#chart[aria-busy] .chart__plot");
  if (chart && waiting) {
    chart.setAttribute("aria-hidden", "true");
    waiting.replaceChildren(chart);
    waiting.parentElement.classList.add("chart--stale");
  }
});
