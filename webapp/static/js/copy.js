// Copying, with a word that it happened, and a way for pages served without TLS.

const say = (text) => { const said = document.getElementById("said"); if (said) said.textContent = text; };

function copyByHand(text) {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus({ preventScroll: true });
  return done;
}

export async function copyText(text, word = "Copied") {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copyByHand(text)) {
      say("The browser did not allow copying");
      return false;
    }
  }
  say(word);
  return true;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-value], [data-copy-link]");
  if (!button) return;
  event.preventDefault();
  const { copy, copyValue } = button.dataset;
  const text = copy ? document.querySelector(copy).textContent : copyValue ? JSON.parse(copyValue) : button.href;
  if (!(await copyText(text))) return;
  button.classList.add("is-done");
  setTimeout(() => { button.classList.remove("is-done"); button.closest("details[data-menu]")?.removeAttribute("open"); }, 900);
});
