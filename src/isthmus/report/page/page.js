"use strict";
/* The page: fills every section in the reader's language and wires them together. */
const MOST_COMPARED = 4;
const SERIES_COLOURS = ["var(--s1)", "var(--s2)", "var(--s3)", "var(--s4)"];
const page = { sheet: null, compared: [], measure: "days", map: null, opener: null };

page.open = (kind, id) => {
  page.opener = document.activeElement;
  page.sheet = [kind, id];
  showSheet();
  const sheet = document.getElementById("sheet");
  sheet.scrollTop = 0;
  sheet.focus({ preventScroll: true });
  sheet.scrollIntoView({ block: "nearest" });
};

page.closeSheet = () => {
  page.sheet = null;
  showSheet();
  page.opener?.focus?.();
};

page.showLayer = (layer) => {
  map.layer = layer;
  document.getElementById("layer").value = layer;
  drawMap(page.map);
  zoomAll(page.map);
  document.getElementById("map").scrollIntoView({ block: "start" });
};

function showSheet() {
  const sheet = document.getElementById("sheet");
  sheet.classList.toggle("open", Boolean(page.sheet));
  sheet.replaceChildren(...(page.sheet ? sheetView(...page.sheet) : [make("p", { class: "muted" }, word("sheet_hint"))]).flat(3).filter(Boolean));
}

function findingText({ key, values }) {
  const shown = {};
  for (const [name, value] of Object.entries(values)) {
    if (Array.isArray(value) && Array.isArray(value[0])) {
      shown[name] = value.length ? joined(value.map(([text, amount]) => (amount ? `${text} (${formatted(amount)})` : text))) : word("nobody");
    } else if (Array.isArray(value) && value.length === 2) shown[name] = formatted(value);
    else if (Array.isArray(value)) shown[name] = word("nobody");
    else shown[name] = wordOr("because", value);
  }
  return word(`finding.${key}`, shown);
}

function fillFindings() {
  const meta = data.meta;
  document.getElementById("title").textContent = meta.title;
  const named = meta.scenario.name === "base" ? word("base") : meta.scenario.name;
  document.getElementById("subtitle").textContent = word("subtitle", { year: meta.year, scenario: named }) + (meta.scenario.note ? ` ${meta.scenario.note}` : "");
  document.getElementById("finding-list").replaceChildren(...data.findings.map((finding) => make("li", {}, findingText(finding))));
  const certificate = meta.certificate;
  const rows = [["gap", `${number(certificate.gap_usd)} USD`], ["converged", word(certificate.converged ? "yes" : "no")], ["steps", number(certificate.iterations)], ["guesses", word(meta.guesses ? "yes" : "no")]];
  document.getElementById("certificate").replaceChildren(...rows.map(([key, text]) => make("div", {}, make("dt", {}, word(key)), make("dd", {}, text))));
  document.getElementById("not-asked").replaceChildren(...["trade", "industry", "months", "politics", "quotation", "bans"].map((key) => make("li", {}, word(`not_asked.${key}`))));
  const identity = [["region", `${meta.name}, ${meta.hash.slice(0, 12)}`], ["run_key", meta.key.slice(0, 16)], ["version", meta.version], ["created", meta.created]];
  if (meta.scenario.edits.length) identity.push(["edits", meta.scenario.edits.map(editText).join("; ")]);
  document.getElementById("identity").replaceChildren(...identity.map(([key, text]) => make("div", {}, make("dt", {}, word(key)), make("dd", {}, text))));
}

/* An edit as words: its kind, and what it names or sets. */
function editText(edit) {
  const part = (value) => (Array.isArray(value) ? value.map(part).join(", ") : value !== null && typeof value === "object"
    ? Object.entries(value).filter(([, one]) => one !== null && !(Array.isArray(one) && !one.length)).map(([key, one]) => `${key} ${part(one)}`).join(", ") : String(value));
  return Object.entries(edit).map(([kind, value]) => `${kind}: ${part(value)}`).join("; ");
}

function fillControls() {
  document.getElementById("language").replaceChildren(...LANGUAGES.map((code) => option(code, ALL_WORDS[code].language_name, code === state.language)));
  const theme = document.documentElement.dataset.theme ?? "auto";
  document.getElementById("theme").replaceChildren(...["auto", "light", "dark"].map((name) => option(name, word(`theme.${name}`), name === theme)));
  const layer = document.getElementById("layer");
  const group = (name, entries) => make("optgroup", { label: word(`layers.${name}`) }, entries.map(([value, text]) => option(value, text, value === map.layer)));
  layer.replaceChildren(option("all", word("layer_all"), map.layer === "all"),
    ...(data.base ? [option("change", word("layer_change"), map.layer === "change")] : []),
    group("class", data.classes.cargo_class.map((id) => [`class:${id}`, wordOr("class", className(id))])),
    group("traffic", Object.keys(data.layers.traffic ?? {}).map((id) => [`traffic:${id}`, wordOr("traffic", id)])),
    group("corridor", Object.keys(data.layers.corridor ?? {}).map((id) => [`corridor:${id}`, nameOf("corridor", id)])));
  const colours = ["mode", "load", "price"].concat(map.layer === "change" ? ["change"] : []);
  document.getElementById("colour").replaceChildren(...colours.map((name) => option(name, word(`colour.${name}`), name === map.colour)));
  const boxes = (id, names, chosen, prefix) => {
    const set = document.getElementById(id);
    set.replaceChildren(set.querySelector("legend"), ...names.map((name) => choice("checkbox", id, name, word(`${prefix}.${name}`), chosen.has(name), (event) => { event.target.checked ? chosen.add(name) : chosen.delete(name); drawMap(page.map); })));
  };
  boxes("modes", TRUNKS, map.shown, "mode");
  boxes("symbols", ["ports", "crossings"], map.symbols, "symbol");
}

function fillTables() {
  const opened = new Set([...document.querySelectorAll("#table-list details[open]")].map((node) => node.dataset.table));
  document.getElementById("table-list").replaceChildren(...data.tables.map((table, i) => {
    const box = make("details", { "data-table": table.name }, make("summary", {}, word(`table.${table.name}`), make("span", { class: "muted" }, ` (${number(table.rows.length)})`)));
    const fill = () => { if (box.open && !box.querySelector("table")) box.append(tableView(table, page.open)); };
    box.fill = fill;
    box.addEventListener("toggle", fill);
    box.open = opened.size ? opened.has(table.name) : i === 0;
    fill();
    return box;
  }));
}

/* Ways that may be compared: corridors, then routes saved in the run. */
function waysToCompare() {
  return [...Object.keys(data.itineraries).map((id) => [id, nameOf("corridor", id), data.itineraries[id], data.feu[id]]), ...Object.keys(data.saved).map((id) => [id, id, data.saved[id], null])];
}

function fillCompare() {
  const ways = waysToCompare();
  if (!page.compared.length) page.compared = [...new Set([...preferred, ...ways.map(([id]) => id)])].filter((id) => id in data.itineraries).slice(0, 3);
  const full = page.compared.length >= MOST_COMPARED;
  const toggle = (id) => (event) => { page.compared = event.target.checked ? [...page.compared, id] : page.compared.filter((other) => other !== id); fillCompare(); document.querySelector(`#compared input[value="${CSS.escape(id)}"]`)?.focus(); };
  const set = document.getElementById("compared");
  set.replaceChildren(set.querySelector("legend"), ...ways.map(([id, name]) => choice("checkbox", "compared", id, name, page.compared.includes(id), toggle(id), full && !page.compared.includes(id))));
  const measures = document.getElementById("measure");
  measures.replaceChildren(measures.querySelector("legend"), ...["days", "usd", "feu"].map((name) => choice("radio", "measure", name, word(`measure.${name}`), page.measure === name, () => { page.measure = name; fillCompare(); })));
  drawComparison(ways);
}

function drawComparison(ways) {
  const chosen = page.compared.map((id) => ways.find(([other]) => other === id)).filter(Boolean).filter(([, , , feu]) => page.measure !== "feu" || feu);
  const series = chosen.map(([id, name, legs, feu], i) => ({ id, name, legs, perTonne: page.measure === "feu" ? feu : 1, colour: SERIES_COLOURS[i] }));
  const chart = document.getElementById("compare-chart");
  if (series.length) drawChart(chart, series, page.measure);
  else chart.replaceChildren(make("p", { class: "note" }, word("choose_one")));
  document.getElementById("compare-legend").replaceChildren(...(series.length > 1 ? series.map((one, i) => make("span", { class: "legend-item" }, legendDash(one.colour, i), one.name)) : []));
  document.getElementById("compare-table").replaceChildren(...(series.length ? [comparisonTable(chosen)] : []));
}

function legendDash(colour, i) {
  const svg = d3.create("svg").attr("width", 34).attr("height", 8).attr("aria-hidden", "true");
  svg.append("line").attr("x1", 0).attr("x2", 34).attr("y1", 4).attr("y2", 4).attr("class", "way").style("stroke", colour).attr("stroke-dasharray", SERIES_DASH[i]);
  return svg.node();
}

function comparisonTable(chosen) {
  const corridors = tableByName.get("corridors");
  const sums = (legs, i) => d3.sum(legs, (leg) => leg[i]);
  const hoursAt = (legs, what) => d3.sum(legs.filter((leg) => what.includes(leg[LEG.what])), (leg) => leg[LEG.hours]);
  const rows = [
    ["km", (legs) => number(sums(legs.filter((leg) => leg[LEG.what] === "haul"), LEG.km))], ["days", (legs) => number(sums(legs, LEG.hours) / 24, 1)],
    ["hours_moving", (legs) => number(hoursAt(legs, ["haul"]))], ["hours_borders", (legs) => number(hoursAt(legs, ["border"]))],
    ["hours_transfers", (legs) => number(hoursAt(legs, ["transfer", "wait", "loading", "unloading"]))],
    ["usd_t", (legs) => number(sums(legs, LEG.usd))], ["usd_feu", (legs, feu) => (feu ? number(feu * sums(legs, LEG.usd)) : "")],
    ["scarcity_t", (legs) => number(sums(legs, LEG.scarcity), 1)], ["co2_t", (legs) => number(sums(legs, LEG.co2))],
    ["borders", (legs) => number(legs.filter((leg) => leg[LEG.what] === "border").length)],
    ["kt", (_, __, id) => { const row = corridors ? corridors.ids.indexOf(id) : -1; return row < 0 ? "" : number(corridors.rows[row][1]); }],
  ];
  const head = chosen.map(([id, name]) => make("th", { scope: "col", class: "n" }, data.itineraries[id] ? make("button", { type: "button", class: "link", onclick: () => page.open("corridor", id) }, name) : name));
  const body = rows.map(([key, of]) => make("tr", {}, make("th", { scope: "row" }, heading(key)), chosen.map(([id, , legs, feu]) => make("td", { class: "n" }, of(legs, feu, id)))));
  return make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": word("caption.compare") }, make("table", {}, make("caption", {}, word("caption.compare")), make("thead", {}, make("tr", {}, make("td"), head)), make("tbody", {}, body)));
}

function fillSources() {
  document.getElementById("region-confidence").replaceChildren(...[confidenceView("region", "")].filter(Boolean));
  const used = new Set([...Object.values(data.cited).flatMap((flat) => flat.filter((_, i) => i % 3 === 0)), ...lines.source]);
  const items = [...used].sort((a, b) => data.sources[a][1].localeCompare(data.sources[b][1], state.language)).map((i) => sourceItem(i));
  document.getElementById("source-list").replaceChildren(make("details", {}, make("summary", {}, word("all_sources", { count: number(items.length) })), make("ul", { class: "sources" }, items)));
}

function fillPage() {
  document.documentElement.lang = state.language;
  document.documentElement.dir = ALL_WORDS[state.language].direction ?? "ltr";
  document.title = `${data.meta.title}, ${data.meta.year}`;
  fillWords();
  fillFindings();
  fillControls();
  fillTables();
  fillCompare();
  fillSources();
  showSheet();
  if (page.map) { page.map.candidates = null; drawMap(page.map); }
}

/* The corridors compared at first: those with most boxes that are not of one border alone. */
const preferred = new Set((() => {
  const table = tableByName.get("corridors");
  if (!table) return [];
  const boxes = table.columns.findIndex(([key]) => key === "kteu"), borders = table.columns.findIndex(([key]) => key === "km");
  return table.ids.map((id, i) => [id, table.rows[i][borders] ?? 0, table.rows[i][boxes] ?? 0]).filter(([, , teu]) => teu > 0).sort((a, b) => b[1] - a[1]).slice(0, 3).map(([id]) => id);
})());

function wire() {
  document.getElementById("language").addEventListener("change", (event) => { state.language = event.target.value; fillPage(); });
  document.getElementById("theme").addEventListener("change", (event) => { if (event.target.value === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = event.target.value; });
  document.getElementById("print").addEventListener("click", () => window.print());
  document.getElementById("layer").addEventListener("change", (event) => { map.layer = event.target.value; if (map.layer === "change") map.colour = "change"; else if (map.colour === "change") map.colour = "mode"; fillControls(); drawMap(page.map); });
  document.getElementById("colour").addEventListener("change", (event) => { map.colour = event.target.value; drawMap(page.map); });
  document.getElementById("zoom-in").addEventListener("click", () => zoomBy(page.map, 1.6));
  document.getElementById("zoom-out").addEventListener("click", () => zoomBy(page.map, 1 / 1.6));
  document.getElementById("zoom-home").addEventListener("click", () => zoomHome(page.map));
  document.getElementById("zoom-all").addEventListener("click", () => zoomAll(page.map));
  document.getElementById("sheet").addEventListener("keydown", (event) => { if (event.key === "Escape") page.closeSheet(); });
  let narrow = 0;
  new ResizeObserver(([entry]) => { if (Math.abs(entry.contentRect.width - narrow) > 20) { narrow = entry.contentRect.width; drawComparison(waysToCompare()); } }).observe(document.getElementById("compare-chart"));
  const closed = [];
  window.addEventListener("beforeprint", () => { for (const node of document.querySelectorAll("#table-list details:not([open])")) if (["countries", "crossings", "ports"].includes(node.dataset.table)) { node.open = true; node.fill(); closed.push(node); } });
  window.addEventListener("afterprint", () => { while (closed.length) closed.pop().open = false; });
}

fillPage();
wire();
page.map = startMap(page.open);
