// What the live tail hears: a stream of events; where none is to be had, the same asked once a second. A connection that
// breaks is made anew where it had come to, after pauses that grow. A page that is hidden hears nothing.

const HELLO_MS = 8_000; // proxies that gather answers let nothing through
const SILENCE_MS = 45_000;
const STEADY_MS = 5_000;
const POLLS = 60; // before another stream is tried
const OVER = [400, 403, 404];

const field = (event, name) => event.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);

export function openFeed(streamUrl, hear) {
  let [mark, failures, polls, wake, request] = ["", 0, 0, () => {}, null];
  const closing = new AbortController();
  const isOpen = () => !closing.signal.aborted;
  const pause = (ms) => new Promise((resolve) => { wake = resolve; setTimeout(resolve, ms); });

  function take(event) {
    const kind = field(event, "event");
    const data = kind && JSON.parse(field(event, "data"));
    if (kind === "error") throw Object.assign(new Error(), data);
    mark = field(event, "id") ?? mark;
    if (failures && field(event, "id")) {
      failures = polls = 0;
      hear("fine");
    }
    if (kind) hear(kind, data, mark);
    if (kind === "end") close();
  }

  async function listen(url, helloMs) {
    request = new AbortController();
    const { signal } = request;
    let timer = setTimeout(() => request.abort(), helloMs);
    try {
      const headers = { "HX-Request": "true", "HX-Current-URL": location.href, "Last-Event-ID": mark };
      const response = await fetch(url, { headers, signal });
      if (!response.ok) throw Object.assign(new Error(), { response });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; ;) {
        const { done, value } = await reader.read();
        if (done || !isOpen()) return;
        clearTimeout(timer);
        timer = setTimeout(() => request.abort(), SILENCE_MS);
        const events = (text + value).split("\n\n");
        text = events.pop();
        events.forEach(take);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async function turn() {
    const [begunAt, before] = [performance.now(), mark];
    try {
      if (polls) {
        polls -= 1;
        await listen(streamUrl.replace("/live?", "/live/poll?"), SILENCE_MS);
        await pause(1_000);
      } else {
        await listen(streamUrl, HELLO_MS);
        if (performance.now() - begunAt < STEADY_MS) throw new Error();
        await pause(250);
      }
    } catch (error) {
      if (!isOpen() || document.hidden) return;
      const { status, headers } = error.response ?? {};
      if (status === 401) location.assign(headers.get("HX-Redirect"));
      if (OVER.includes(status)) hear("end", { detail: "There is nothing live here for you any more." });
      if (status === 401 || OVER.includes(status)) close();
      else if (!polls && !error.detail && mark === before) polls = POLLS;
      else {
        failures += 1;
        const seconds = Math.min(2 ** (failures - 1), 30);
        hear("trouble", { detail: `${error.detail ?? "Hedgerow did not answer."} Trying again in ${seconds} s.` });
        await pause(seconds * 1000);
      }
    }
  }

  async function run() {
    while (isOpen()) {
      if (document.hidden) await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
      else await turn();
    }
  }

  function close() {
    closing.abort();
    request?.abort();
    wake();
  }

  document.addEventListener("visibilitychange", () => document.hidden && request?.abort(), { signal: closing.signal });
  run();
  return { close, retry: () => wake() };
}
