// What this browser remembers of a project, texts of a kind, the newest first.

const place = (kind) => `hedgerow-${kind}:${location.pathname.split("/", 3).join("/")}`;

export const recall = (kind) => JSON.parse(localStorage.getItem(place(kind)) ?? "[]");

export function remember(kind, text, most) {
  const others = recall(kind).filter((one) => one !== text);
  localStorage.setItem(place(kind), JSON.stringify([text, ...others].slice(0, most)));
}
