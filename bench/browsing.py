"""What a person at Chromium waits for, and what of it moves: the budgets of the explorer's page."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

LOADS = 12
ROWS_TO_OPEN = 20
ROWS_TO_SCROLL = 2_000
STEP_PX = 44  # two rows a frame: 2,640 px a second
# Before the page has anything: what was painted last, what moved, and how long the page could not answer.
WATCH = """
window.seen = {lcp: 0, cls: 0, longest: 0};
const watch = (type, told) =>
  new PerformanceObserver((list) => list.getEntries().forEach(told)).observe({type, buffered: true});
watch("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
watch("longtask", (entry) => { seen.longest = Math.max(seen.longest, entry.duration); });
"""
# Scrolls to where so many rows have passed, and says how long each frame took; waits for blocks like a person does.
SCROLL = """
([rows, step]) => new Promise((done) => {
  const list = document.getElementById("list");
  const frames = [];
  let last = performance.now(), waited = 0, most = 0;
  const frame = (now) => {
    frames.push(now - last);
    last = now;
    most = Math.max(most, list.querySelectorAll(".row").length);
    const before = list.scrollTop;
    list.scrollTop += step;
    waited = list.scrollTop === before ? waited + 1 : 0;
    if (list.scrollTop >= rows * 22 || waited > 300) done([frames.slice(1), list.scrollTop / 22, most]);
    else requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})
"""


@dataclass(frozen=True, slots=True)
class Loads:
    """Milliseconds until the largest paint, sorted; what moved, at the worst; the longest time without an answer."""

    lcp_ms: list[float]
    cls: float
    longest_ms: float


@dataclass(frozen=True, slots=True)
class Scrolled:
    """How far, in rows; frames, those that took more than one and a half times the usual, and the longest in ms."""

    rows: float
    frames: int
    dropped: int
    longest_ms: float
    most_in_page: int


def transferred(context: BrowserContext, address: str) -> dict[str, int]:
    """Return the bytes of a first visit on the wire, by type: ``Document``, ``Script``, ``Stylesheet``."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    types: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def on_finish(event: dict[str, object]) -> None:
        kind = types.get(str(event["requestId"]), "")
        sizes[kind] = sizes.get(kind, 0) + int(float(str(event["encodedDataLength"])))

    session.on("Network.responseReceived", lambda event: types.update({event["requestId"]: event["type"]}))
    session.on("Network.loadingFinished", on_finish)
    page.goto(address)
    _await_parts(page)
    page.close()
    return sizes


def loads(context: BrowserContext, address: str) -> Loads:
    """Open the page again and again, as a person does who has been here before."""
    seen = []
    for _load in range(LOADS):
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(address)
        _await_parts(page)
        page.wait_for_timeout(300)
        seen.append(page.evaluate("seen"))
        page.close()
    return Loads(
        sorted(one["lcp"] for one in seen), max(one["cls"] for one in seen), max(one["longest"] for one in seen)
    )


def _await_parts(page: Page) -> None:
    page.wait_for_selector("#list .row")
    page.wait_for_selector("#chart svg.plot")
    page.wait_for_selector("#facets:not([aria-busy])")


def openings(context: BrowserContext, address: str) -> list[float]:
    """Return the milliseconds from the key to the row's detail, sorted, of one row after the other."""
    page = context.new_page()
    page.goto(address)
    _await_parts(page)
    page.locator("#list .row").first.click()
    page.wait_for_selector("#detail-message")
    taken = [
        page.evaluate("""
          () => new Promise((done) => {
            const began = performance.now();
            const old = document.querySelector("[data-detail]");
            new MutationObserver((_, observer) => {
              const now = document.querySelector("[data-detail]");
              if (!now || now === old) return;
              observer.disconnect();
              requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
            }).observe(document.getElementById("detail"), {childList: true});
            document.querySelector('[data-walk="1"]').click();
          })
        """)
        for _row in range(ROWS_TO_OPEN)
    ]
    page.close()
    return sorted(taken)


def scroll(context: BrowserContext, address: str) -> Scrolled:
    """Scroll through rows at a steady pace."""
    page = context.new_page()
    page.goto(address)
    _await_parts(page)
    frames, far, most = page.evaluate(SCROLL, [ROWS_TO_SCROLL, STEP_PX])
    page.close()
    usual = statistics.median(frames)
    return Scrolled(far, len(frames), sum(frame > 1.5 * usual for frame in frames), max(frames), most)


def huge_line(context: BrowserContext, address: str) -> tuple[float, Callable[[], float]]:
    """Open a list that holds a huge line; return the longest time without an answer, and what opening the line adds."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(address)
    page.wait_for_selector("#list .row")
    page.wait_for_timeout(500)

    def open_it() -> float:
        page.evaluate("seen.longest = 0")
        page.locator("#list .row").first.click()
        page.wait_for_selector("#detail-message")
        page.wait_for_timeout(500)
        longest = float(page.evaluate("seen.longest"))
        page.close()
        return longest

    return float(page.evaluate("seen.longest")), open_it
