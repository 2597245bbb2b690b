"use strict";
(() => {
  const section = document.getElementById("submissions");
  const table = section.querySelector("table");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const search = document.getElementById("search");
  const topic = document.getElementById("topic");
  const status = document.getElementById("status");
  const mistake = document.getElementById("mistake");
  const count = document.getElementById("count");
  const texts = new Map();
  const collator = new Intl.Collator("en", { numeric: true });

  section.querySelector(".filters").hidden = false;

  function text(row) {
    let found = texts.get(row);
    if (found === undefined) texts.set(row, (found = row.textContent.toLowerCase()));
    return found;
  }

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const fits =
        (!topic.value || row.dataset.topic === topic.value) &&
        (!status.value || row.dataset.status === status.value) &&
        (!mistake.value || (row.dataset.mistakes || "").split(" ").includes(mistake.value)) &&
        words.every((word) => text(row).includes(word));
      if (row.hidden === fits) row.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
  }

  function sort(header) {
    const place = header.cellIndex;
    const numeric = header.classList.contains("number");
    const up = header.getAttribute("aria-sort") === "ascending" ? false
      : header.getAttribute("aria-sort") === "descending" ? true : !numeric;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", up ? "ascending" : "descending");
    const keyed = rows.map((row) => {
      const shown = row.cells[place].textContent.trim();
      const number = parseFloat(shown);
      return [numeric ? (Number.isNaN(number) ? -Infinity : number) : shown, row];
    });
    const order = numeric ? (a, b) => a[0] === b[0] ? 0 : a[0] < b[0] ? -1 : 1 : (a, b) => collator.compare(a[0], b[0]);
    keyed.sort((a, b) => (up ? order(a, b) : order(b, a)));
    body.append(...keyed.map((pair) => pair[1]));
  }

  function choose() {
    const wanted = decodeURIComponent(location.hash.slice(1));
    if (!wanted.startsWith("mistake=")) return;
    search.value = topic.value = status.value = "";
    mistake.value = wanted.slice("mistake=".length);
    filter();
    section.scrollIntoView();
    document.getElementById("submissions-title").focus({ preventScroll: true });
  }

  for (const header of table.tHead.rows[0].cells) {
    header.querySelector("button").addEventListener("click", () => sort(header));
  }
  search.addEventListener("input", filter);
  for (const select of [topic, status, mistake]) select.addEventListener("change", filter);
  document.getElementById("all").addEventListener("click", () => {
    search.value = topic.value = status.value = mistake.value = "";
    if (location.hash) history.replaceState(null, "", location.pathname);
    filter();
    search.focus();
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(?:INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      filter();
    }
  });
  window.addEventListener("hashchange", choose);
  filter();
  choose();
})();
