// A request of htmx that a script makes. What becomes of it is told by events, also when it fails or is given up.

export const request = (url, options) => window.htmx.ajax("GET", url, options).catch(() => {});
