// What failed beyond its own region is said in a corner, until the parts that failed could be loaded again:
// no answer at all, and errors that the server sends to #notice.

import { request } from "./request.js";

let failed = [];

const notice = () => document.getElementById("notice");
const region = (detail) => detail.requestConfig.target; // detail.target is the notice by now

function add(detail) {
  failed = [...failed.filter((one) => region(one) !== region(detail)), detail];
  if (notice().querySelector("[data-retry]")) return;
  if (!notice().childElementCount) {
    notice().innerHTML = '<div class="say say--wrong"><h2>Hedgerow did not answer</h2><p>It may be restarting, or the connection is gone.</p></div>';
  }
  notice().firstElementChild.insertAdjacentHTML("beforeend", '<button class="button" type="button" data-retry>Try again</button>');
}

document.addEventListener("htmx:sendError", ({ detail }) => add(detail));
document.addEventListener("htmx:responseError", ({ detail }) => detail.target === notice() && add(detail));

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.xhr.status || detail.target === notice()) return;
  failed = region(detail)?.id === "explorer" ? [] : failed.filter((one) => region(one) !== region(detail));
  if (!failed.length) notice()?.replaceChildren();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-retry]")) return;
  const again = failed.filter((one) => one.elt.isConnected);
  failed = [];
  notice().replaceChildren();
  for (const one of again) request(one.pathInfo.finalRequestPath, { source: one.elt, target: region(one) });
});
