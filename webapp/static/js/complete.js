// What could be typed next, in a list under the search box: from the server, or what was searched for here before.

import { recall, remember } from "./recent.js";

const DELAY_MS = 150;
const ADDRESS_CHARACTERS = 7500;
const MOST_RECENT = 10;
// What reorders or hides text is shown by name, as the server does it.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

let timer = 0;
let asking = null;
let shown = null; // the text and the place that the list is about
let nothing = null; // a text with nothing to suggest: what only goes on with its last word has nothing either
let swapping = false;

const query = () => document.getElementById("query");
const list = () => document.getElementById("suggestions");
const options = () => [...list().querySelectorAll("[role=option]")];
const chosen = () => list().querySelector("[aria-selected=true]");
const visible = (text) => text.replace(UNSEEN, (char) => `⟨U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

function forget() {
  clearTimeout(timer);
  asking?.abort();
}

function close() {
  forget();
  if (!list() || list().hidden) return false;
  list().hidden = true;
  query().ariaExpanded = "false";
  query().removeAttribute("aria-activedescendant");
  return true;
}

function open(about, label) {
  shown = about;
  list().ariaLabel = label;
  list().hidden = false;
  list().scrollTop = 0;
  query().ariaExpanded = "true";
  query().removeAttribute("aria-activedescendant");
}

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) query().setAttribute("aria-activedescendant", option.id);
  else query().removeAttribute("aria-activedescendant");
}

function step(by) {
  const all = [null, ...options()]; // before the first and behind the last is what was typed
  choose(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
}

function offerRecent() {
  const searches = recall("searches").filter((one) => typeof one === "string");
  if (!searches.length) return false;
  list().replaceChildren(...searches.map((text, at) => {
    const option = document.createElement("div");
    option.className = "suggest__option";
    option.role = "option";
    option.id = `suggestion-${at + 1}`;
    option.ariaSelected = "false";
    option.dataset.insert = text;
    option.append(Object.assign(document.createElement("span"), { textContent: visible(text) }));
    return option;
  }));
  open({ text: "", start: 0, tail: 0, whole: true }, "Recent searches");
  return true;
}

// What the server knows at once comes first, then what is in the logs. Nothing is said of what goes wrong: without
// suggestions the box is as good as ever.
async function ask(box, more = "") {
  const { value, selectionStart } = box;
  const url = `${list().dataset.url}&q=${encodeURIComponent(value)}&at=${selectionStart}${more}`;
  if (document.activeElement !== box || document.hidden || url.length > ADDRESS_CHARACTERS) return;
  asking = new AbortController();
  try {
    const response = await fetch(url, { signal: asking.signal });
    if (!response.ok || response.redirected) return;
    const html = await response.text();
    if (box.isConnected && box.value === value && document.activeElement === box) show(html, value, value.slice(0, selectionStart), box);
  } catch {
    // given up, or no answer
  }
}

function show(html, text, before, box) {
  const answer = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  const { part, start, tail, more } = answer.dataset;
  const isMore = more !== undefined;
  // a list that is open does not shrink to what is known at once
  const waits = isMore && !list().hidden && shown.part === part && shown.start === Number(start);
  if (!waits && answer.querySelector("[role=option]")) {
    const kept = list().hidden ? null : chosen()?.dataset.insert;
    list().replaceChildren(answer);
    open({ text, part, start: Number(start), tail: Number(tail) }, "Suggestions");
    if (kept) choose(options().find((one) => one.dataset.insert === kept));
  } else if (!isMore) {
    nothing = before;
    close();
  }
  if (isMore) ask(box, "&more=1");
}

function typed() {
  const { value, selectionStart } = query();
  const before = value.slice(0, selectionStart);
  forget();
  if (!value.trim() && offerRecent()) return;
  if (nothing !== null && before.startsWith(nothing) && /^[\w.-]*$/.test(before.slice(nothing.length))) return;
  nothing = null;
  // the list stays for a moment where what is typed only grew
  const stays = !shown?.whole && value.startsWith(shown?.text.slice(0, shown.start)) && value.endsWith(shown.text.slice(shown.text.length - shown.tail));
  if (!stays || /(^|[\s(-])$/.test(before)) close();
  if (/(^|\s)$/.test(before)) return;
  timer = setTimeout(ask, DELAY_MS, query());
}

function take(option) {
  const box = query();
  const { whole, start, tail } = shown;
  close();
  box.focus();
  box.setSelectionRange(start, box.value.length - tail);
  // as if it had been typed: the browser can undo it
  if (!document.execCommand("insertText", false, option.dataset.insert)) {
    box.setRangeText(option.dataset.insert, box.selectionStart, box.selectionEnd, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (whole) forget();
}

function onKey(event) {
  const isOpen = !list().hidden;
  const option = isOpen ? chosen() : null;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (isOpen) step(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "ArrowDown") {
      if (query().value.trim() || !offerRecent()) ask(query());
    } else return;
  } else if ((event.key === "Tab" && !event.shiftKey) || (event.key === "Enter" && !event.ctrlKey && !event.metaKey)) {
    if (!option) return;
    take(option);
  } else if (event.key === "Escape") {
    if (!close()) return;
  } else {
    if (/^(Arrow|Home|End)/.test(event.key)) close();
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

// Before the keys of the page, which would leave the box on Escape.
document.addEventListener("keydown", (event) => event.target === query() && list() && !event.isComposing && onKey(event), true);
document.addEventListener("input", (event) => event.target === query() && list() && !event.isComposing && typed());
document.addEventListener("compositionend", (event) => event.target === query() && list() && typed());
document.addEventListener("submit", (event) => event.target.id === "search" && close());
document.addEventListener("focusout", (event) => event.target === query() && close());
document.addEventListener("focusin", (event) => event.target === query() && list() && !swapping && !query().value && offerRecent());
document.addEventListener("mousedown", (event) => event.target.closest("#suggestions") && event.preventDefault()); // the box keeps the focus

document.addEventListener("click", (event) => {
  const option = event.target.closest("#suggestions [role=option]");
  if (option) take(option);
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => { swapping = detail.target?.id === "explorer"; });

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "explorer") return;
  swapping = false;
  nothing = null;
  const search = query()?.defaultValue;
  if (search && detail.requestConfig.elt.id === "search") remember("searches", search, MOST_RECENT);
});
