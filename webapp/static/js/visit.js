// Links that change the explorer replace it in place. The server says which address that is (HX-Push-Url).

import { request } from "./request.js";

export function visit(url) {
  return request(url, { source: "#go", target: "#explorer", swap: "outerHTML" });
}

export const plainClick = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-nav]");
  if (!link || !plainClick(event) || event.defaultPrevented || !document.getElementById("explorer")) return;
  event.preventDefault();
  visit(link.href);
});

// A swap takes the focus with it where nothing has the same id: keyboard users go on in the list.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "explorer" && document.activeElement === document.body) {
    document.getElementById("list")?.focus({ preventScroll: true });
  }
});
