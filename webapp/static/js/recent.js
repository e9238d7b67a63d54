// What this browser remembers of a project, the newest first.

const place = (kind) => `hedgerow-${kind}:${location.pathname.split("/", 3).join("/")}`;

export function recall(kind) {
  try {
    return [].concat(JSON.parse(localStorage.getItem(place(kind))) ?? []);
  } catch {
    return []; // nothing that we wrote, or no storage
  }
}

export function remember(kind, item, most) {
  const others = recall(kind).filter((one) => String(one[0] ?? one) !== String(item[0] ?? item));
  try {
    localStorage.setItem(place(kind), JSON.stringify([item, ...others].slice(0, most)));
  } catch {
    // full, or none
  }
}
