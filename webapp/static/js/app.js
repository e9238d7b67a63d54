// The explorer's behaviours, one to a module. Everything here improves pages that work without it.
import "./busy.js";
import "./chart.js";
import "./columns.js";
import "./copy.js";
import "./facets.js";
import "./keys.js";
import "./lines.js";
import "./live.js";
import "./menus.js";
import "./notice.js";
import "./reveal.js";
import "./rows.js";
import "./tabs.js";
import "./time.js";
import "./visit.js";
import "./window.js";
import "./wrong.js";
