"use strict";
/* Tables that sort, filter, copy and download. */
const WORDED = { role: "role", unit: "unit", basis: "basis", trunk: "trunk", traffic: "traffic", because: "because", passes: "truth", sign: "truth" };

function cellText(key, digits, value) {
  if (key === "country" && value === "") return word("at_sea");
  if (value === null || value === "") return "";
  if (digits !== null) return number(value, digits);
  if (key === "because") return value.split(": ").map((part, i) => (i ? part : wordOr("because", part))).join(": ");
  if (key === "cargo") return wordOr("class", className(value));
  return key in WORDED ? wordOr(WORDED[key], value) : value;
}

function heading(key) {
  return wordOr("col", key);
}

/* A row of a table as texts for other programs: plain numbers, full words. */
function plainRows(table, order) {
  const cell = (value, i) => (value === null ? "" : table.columns[i][1] === null ? cellText(table.columns[i][0], null, value) : String(value));
  return [table.columns.map(([key]) => heading(key)), ...order.map((row) => table.rows[row].map(cell))];
}

function csvOf(rows) {
  const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";
}

function download(name, text) {
  const link = make("a", { download: name, href: URL.createObjectURL(new Blob(["\ufeff" + text], { type: "text/csv;charset=utf-8" })) });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", { class: "hidden" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function compareCells(digits, a, b) {
  if (a === null || a === "") return b === null || b === "" ? 0 : 1;
  if (b === null || b === "") return -1;
  return digits === null ? String(a).localeCompare(String(b), state.language) : a - b;
}

/* The table's element. `open(kind, id)` is called when a row's sheet is asked for. */
function tableView(table, open) {
  const view = { sort: null, down: false, text: "" };
  const body = make("tbody");
  const count = make("output", { class: "muted" });
  const order = () => {
    const wanted = view.text.toLocaleLowerCase(state.language);
    const texts = (row) => table.rows[row].map((value, i) => cellText(table.columns[i][0], table.columns[i][1], value)).join(" ");
    const kept = table.rows.map((_, i) => i).filter((row) => !wanted || texts(row).toLocaleLowerCase(state.language).includes(wanted));
    if (view.sort === null) return kept;
    const digits = table.columns[view.sort][1];
    const empty = (row) => { const value = table.rows[row][view.sort]; return value === null || value === ""; };
    return kept.sort((a, b) => (empty(a) || empty(b) ? empty(a) - empty(b) : (view.down ? -1 : 1) * compareCells(digits, table.rows[a][view.sort], table.rows[b][view.sort])) || a - b);
  };
  const fill = () => {
    const rows = order();
    body.replaceChildren(...rows.map((row) => rowView(table, row, open)));
    count.textContent = word("rows", { shown: number(rows.length), of: number(table.rows.length) });
  };
  const heads = table.columns.map(([key, digits], i) =>
    make("th", { scope: "col", class: digits === null ? "" : "n", "aria-sort": "none" },
      make("button", { type: "button", onclick: () => sortBy(i) }, heading(key))));
  const sortBy = (column) => {
    view.down = view.sort === column ? !view.down : table.columns[column][1] !== null;
    view.sort = column;
    heads.forEach((head, i) => head.setAttribute("aria-sort", i === column ? (view.down ? "descending" : "ascending") : "none"));
    fill();
  };
  const said = make("span", { role: "status", class: "muted" });
  const tools = make("div", { class: "toolbar" },
    make("label", {}, word("filter"), " ", make("input", { type: "search", oninput: (event) => { view.text = event.target.value.trim(); fill(); } })),
    make("button", { type: "button", onclick: () => { copyText(plainRows(table, order()).map((row) => row.join("\t")).join("\n")); said.textContent = word("copied"); } }, word("copy")),
    make("button", { type: "button", onclick: () => download(`${data.meta.name}-${data.meta.year}-${table.name}.csv`, csvOf(plainRows(table, order()))) }, word("download")),
    count, said);
  fill();
  return make("div", { class: "table" }, tools,
    make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": word(`table.${table.name}`) },
      make("table", {}, make("caption", {}, word(`caption.${table.name}`)), make("thead", {}, make("tr", {}, heads)), body)));
}

function rowView(table, row, open) {
  const cells = table.rows[row].map((value, i) => {
    const [key, digits] = table.columns[i];
    const text = cellText(key, digits, value);
    if (i > 0) return make("td", { class: digits === null ? "" : "n" }, text);
    const id = table.ids[row];
    const leads = table.kind && id;
    return make("th", { scope: "row" }, leads ? make("button", { type: "button", class: "link", onclick: () => open(table.kind, id) }, text) : text);
  });
  return make("tr", {}, cells);
}
