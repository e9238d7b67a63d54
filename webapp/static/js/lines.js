// How the lines of the list look in this browser: wrapped, close together.

const SWITCHES = { wrap: { key: "hedgerow-wrap", name: "wrap-lines" }, dense: { key: "hedgerow-dense", name: "dense" } };

function show() {
  for (const [name, one] of Object.entries(SWITCHES)) {
    const on = Boolean(localStorage.getItem(one.key));
    document.getElementById("list")?.classList.toggle(one.name, on);
    document.querySelector(`[data-list-switch="${name}"]`)?.setAttribute("aria-checked", String(on));
  }
}

export function toggleLines(name) {
  localStorage.setItem(SWITCHES[name].key, localStorage.getItem(SWITCHES[name].key) ? "" : "1");
  show();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-list-switch]");
  if (button) toggleLines(button.dataset.listSwitch);
});

window.htmx.onLoad((element) => (element.id === "explorer" || element.querySelector?.("#list")) && show());
