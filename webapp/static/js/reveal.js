// Showing a password while one types it, for those who are alone with their screen.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const field = document.getElementById(button.dataset.reveal);
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  field.focus();
});

// Browsers offer to keep what was in a text field.
document.addEventListener("submit", (event) => {
  for (const field of event.target.querySelectorAll(".form__secret input")) field.type = "password";
});
