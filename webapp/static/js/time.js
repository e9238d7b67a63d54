// The time box: the browser's own zone, and the text field ready to be typed over when the menu opens.

function type() {
  const box = document.getElementById("time-text");
  if (document.activeElement === box) return;
  box.focus();
  box.select();
}

document.addEventListener("toggle", (event) => event.target.id === "time" && event.target.open && type(), true);

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
