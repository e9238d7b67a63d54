// Menus are <details>; here they also close when something else is clicked, and on Escape.

const open = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

// What is to be filled in first is ready to be typed into.
document.addEventListener("toggle", (event) => event.target.matches("[data-menu][open]") && event.target.querySelector("[data-first]")?.focus(), true);

export function closeMenus() {
  const menus = [...open()];
  for (const menu of menus) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  return menus.length > 0;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-show]");
  if (opener) document.getElementById(opener.dataset.show)?.showModal();
});
