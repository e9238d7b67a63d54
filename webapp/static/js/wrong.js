// What could not be read is told under the bar, which stays as it was typed; the box at fault is marked as such.

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "query-error") return;
  const at = detail.target.querySelector("[data-box]")?.dataset.box;
  for (const id of ["query", "time-text"]) {
    if (id === at) document.getElementById(id).setAttribute("aria-invalid", "true");
    else document.getElementById(id).removeAttribute("aria-invalid");
  }
});
