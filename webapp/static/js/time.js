// The time box: the browser's own zone, and the text field ready to be typed over when the menu opens.

document.addEventListener("toggle", (event) => {
  if (event.target.id === "time" && event.target.open) document.getElementById("time-text").select();
}, true);

export function openTime() {
  const menu = document.getElementById("time");
  if (menu) menu.open = true;
}

window.htmx.onLoad(() => {
  const link = document.querySelector("[data-browser-zone]");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!link || !zone || zone === "UTC" || zone === document.getElementById("explorer").dataset.zone) return;
  link.href = link.getAttribute("href").replace("__zone__", encodeURIComponent(zone));
  link.textContent = zone;
  link.hidden = false;
});
