// What could be typed next, in a list under the search box: from the server, or what was searched for here before.

import { recall, remember } from "./recent.js";

const DELAY_MS = 150;
const ADDRESS_CHARACTERS = 7500;
const MOST_RECENT = 10;
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu; // what reorders or hides text is shown by name, as the server does it

let timer = 0;
let asking = null;
let shown = {}; // what the list is about: the text before and behind what it completes
let nothing = null; // a text without suggestions: what only goes on with its last word has none either
let swapping = false;

const query = () => document.getElementById("query");
const list = () => document.getElementById("suggestions");
const options = () => [...list().children[0].children];
const chosen = () => list().querySelector("[aria-selected=true]");
const isSearch = (event) => event.target === query() && list() && !event.isComposing;

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  query().setAttribute("aria-activedescendant", option?.id ?? "");
}

function open(items, about, label) {
  list().replaceChildren(items);
  list().ariaLabel = label;
  list().hidden = false;
  query().ariaExpanded = "true";
  shown = about;
  choose(null);
}

function close() {
  clearTimeout(timer);
  asking?.abort();
  if (!list() || list().hidden) return false;
  list().hidden = true;
  query().ariaExpanded = "false";
  choose(null);
  return true;
}

function offerRecent() {
  const searches = recall("searches");
  const items = document.createElement("div");
  searches.forEach((text, at) => {
    const item = Object.assign(document.createElement("div"), { className: "menu__item", role: "option", id: `suggestion-${at}`, ariaSelected: "false", innerHTML: "<span></span>" });
    item.firstChild.textContent = text.replace(UNSEEN, (char) => `⟨U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
    item.dataset.insert = text;
    items.append(item);
  });
  if (searches.length) open(items, { head: "", rear: "", whole: true }, "Recent searches");
  return searches.length;
}

// What the server knows at once comes first, then what is in the logs. Nothing is said of what goes wrong: without
// suggestions the box is as good as ever.
async function ask(box, more = "") {
  const { value, selectionStart: at } = box;
  const url = `${list().dataset.url}&q=${encodeURIComponent(value)}&at=${at}${more}`;
  const isWanted = () => box.isConnected && box.value === value && document.activeElement === box && !document.hidden;
  if (!isWanted() || url.length > ADDRESS_CHARACTERS) return;
  asking = new AbortController();
  const answer = fetch(url, { signal: asking.signal }).then((response) => response.ok && !response.redirected && response.text());
  const html = await answer.catch(() => "");
  if (!html || !isWanted()) return;
  const items = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  const { part, start, tail } = items.dataset;
  const about = { part, head: value.slice(0, start), rear: value.slice(value.length - tail) };
  const goesOn = "more" in items.dataset;
  // a list that is open does not shrink to what is known at once
  const waits = goesOn && !list().hidden && shown.part === part && shown.head === about.head;
  if (items.childElementCount && !waits) {
    const kept = list().hidden ? null : chosen()?.dataset.insert;
    open(items, about, "Suggestions");
    if (kept) choose(options().find((one) => one.dataset.insert === kept));
  } else if (!goesOn) {
    nothing = value.slice(0, at);
    close();
  }
  if (goesOn) ask(box, "&more=1");
}

function typed() {
  const { value, selectionStart } = query();
  const before = value.slice(0, selectionStart);
  const isBetween = /(^|\s)$/.test(before);
  const stays = !shown.whole && value.startsWith(shown.head) && value.endsWith(shown.rear);
  clearTimeout(timer);
  asking?.abort();
  if (isBetween || !stays) close();
  if (!value.trim()) offerRecent();
  if (isBetween || (nothing !== null && before.startsWith(nothing) && /^[\w.-]*$/.test(before.slice(nothing.length)))) return;
  nothing = null;
  timer = setTimeout(ask, DELAY_MS, query());
}

function take(option) {
  const box = query();
  const { head, rear, whole } = shown;
  close();
  box.setSelectionRange(head.length, box.value.length - rear.length);
  document.execCommand("insertText", false, option.dataset.insert); // as if it had been typed: Ctrl+Z takes it back
  if (whole) clearTimeout(timer);
}

function press({ key, shiftKey, ctrlKey, metaKey }) {
  const isOpen = !list().hidden;
  const option = isOpen && chosen();
  if (isOpen && (key === "ArrowDown" || key === "ArrowUp")) {
    const places = [null, ...options()]; // before the first and behind the last is what was typed
    choose(places.at((places.indexOf(option || null) + (key === "ArrowDown" ? 1 : -1)) % places.length));
  } else if (key === "ArrowDown") {
    if (query().value.trim() || !offerRecent()) ask(query());
  } else if (option && ((key === "Tab" && !shiftKey) || (key === "Enter" && !ctrlKey && !metaKey))) take(option);
  else if (key !== "Escape" || !close()) {
    if (/^(Arrow|Home|End)/.test(key)) close(); // the cursor is elsewhere
    return false;
  }
  return true;
}

// Before the keys of the page, which would leave the box on Escape.
document.addEventListener("keydown", (event) => {
  if (!isSearch(event) || !press(event)) return;
  event.preventDefault();
  event.stopPropagation();
}, true);

for (const name of ["input", "compositionend"]) document.addEventListener(name, (event) => isSearch(event) && typed());
document.addEventListener("focusin", (event) => isSearch(event) && !swapping && !query().value && offerRecent());
for (const name of ["focusout", "submit"]) document.addEventListener(name, (event) => (isSearch(event) || event.target.id === "search") && close());
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
