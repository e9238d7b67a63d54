// What the live tail hears: a stream of events; where none is to be had, the same asked once a second. A connection that
// breaks is made anew where it had come to, after pauses that grow. A hidden page hears nothing.

const SILENCE_MS = 15_000; // the stream says something every 5 s; proxies that gather answers let nothing through
const POLLS = 60; // before another stream is tried

const field = (event, name) => event.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);

export function openFeed(url, hear) {
  let [mark, failures, polls, wake, request] = ["", 0, 0];
  const closing = new AbortController();
  const { signal } = closing;
  const pause = (s) => new Promise((resolve) => { wake = resolve; setTimeout(resolve, s * 1000); });

  function take(event) {
    const [kind, id, data] = ["event", "id", "data"].map((name) => field(event, name));
    if (kind === "error") throw JSON.parse(data);
    mark = id ?? mark;
    if (id && failures) {
      failures = polls = 0;
      hear("fine");
    }
    if (kind) hear(kind, JSON.parse(data), mark);
  }

  async function listen(from) {
    request = new AbortController();
    let timer;
    const expect = () => { clearTimeout(timer); timer = setTimeout(() => request.abort(), SILENCE_MS); };
    try {
      expect();
      const response = await fetch(from, { headers: { "HX-Request": "true", "Last-Event-ID": mark }, signal: request.signal });
      if (!response.ok) throw response;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = "", chunk; !(chunk = await reader.read()).done && !signal.aborted;) {
        expect();
        const events = (text + chunk.value).split("\n\n");
        text = events.pop();
        events.forEach(take);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async function turn() {
    const [begunAt, before] = [Date.now(), mark];
    try {
      await listen(polls ? url.replace("/live?", "/live/poll?") : url);
      if (polls) polls -= 1;
      else if (Date.now() - begunAt < 5_000) throw 0; // not at once again
      await pause(1);
    } catch ({ status, detail }) {
      if (signal.aborted || document.hidden) return;
      if (status < 500) hear("end", { status, detail: "There is nothing live here for you any more." });
      else if (!polls && !detail && mark === before) polls = POLLS;
      else {
        const rest = Math.min(2 ** failures++, 30);
        hear("trouble", { detail: `${detail ?? "Hedgerow did not answer."} Trying again in ${rest} s.` });
        await pause(rest);
      }
    }
  }

  async function run() {
    while (!signal.aborted) {
      if (document.hidden) await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
      else await turn();
    }
  }

  document.addEventListener("visibilitychange", () => document.hidden && request?.abort(), { signal });
  signal.addEventListener("abort", () => { request?.abort(); wake?.(); });
  run();
  return { close: () => closing.abort(), retry: () => wake?.() };
}
