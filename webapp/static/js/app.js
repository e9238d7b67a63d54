// The explorer's behaviours, one to a module. Everything here improves pages that work without it.
import "./busy.js";
import "./chart.js";
import "./chips.js";
import "./complete.js";
import "./copy.js";
import "./facets.js";
import "./keys.js";
import "./menus.js";
import "./notice.js";
import "./reveal.js";
import "./rows.js";
import "./tabs.js";
import "./time.js";
import "./visit.js";
import "./wrong.js";
