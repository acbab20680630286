"use strict";
/* The block of data, unpacked. Tonnes of flows are in hundreds; a directed line is line * 2, plus 1 in the line's own direction. */
const data = JSON.parse(document.getElementById("data").textContent);
const lines = data.lines;
const lineCount = lines.id.length;
const TRUNKS = ["sea", "rail", "road"];
const CONFIDENCES = ["low", "medium", "high"];
const placeIndex = new Map(data.places.place.map((place, i) => [place, i]));
const trunkOfMode = new Map(data.modes.mode.map((mode, i) => [mode, data.modes.trunk[i]]));
const trunkOfLine = lines.mode.map((mode) => TRUNKS.indexOf(data.modes.trunk[mode]));
const tableByName = new Map(data.tables.map((table) => [table.name, table]));

function modeName(mode) {
  const i = data.modes.mode.indexOf(mode);
  return i >= 0 ? data.modes.name[i] : mode;
}

function countryName(code) {
  return data.countries[code] ?? (code || word("at_sea"));
}

function nameOf(kind, id) {
  const table = { corridor: "corridors", crossing: "crossings", port: "ports", pool: "pools", count: "counts" }[kind];
  if (kind === "trade") { const [from, to, cargo] = id.split("|"); return `${countryName(from)} – ${countryName(to)}, ${wordOr("class", className(cargo))}`; }
  if (kind === "country") return countryName(id);
  const rows = tableByName.get(table);
  const at = rows ? rows.ids.indexOf(id) : -1;
  return at >= 0 ? rows.rows[at][0] : data.places.name[placeIndex.get(id)] ?? id;
}

function className(id) {
  return data.classes.name?.[data.classes.cargo_class.indexOf(id)] ?? id;
}

function lineName(line) {
  return `${data.places.name[lines.a[line]]} – ${data.places.name[lines.b[line]]}`;
}

/* Tonnes on each directed line of a layer: "all", "class:…", "corridor:…", "traffic:…", "change" (this run less the base). */
function layerFlows(layer) {
  const tonnes = new Float64Array(2 * lineCount);
  const [kind, name] = [layer.split(":")[0], layer.slice(layer.indexOf(":") + 1)];
  const addPairs = (pairs, sign) => { for (let i = 0; i < pairs.length; i += 2) tonnes[pairs[i]] += sign * 100 * pairs[i + 1]; };
  if (kind === "corridor" || kind === "traffic") {
    addPairs(data.layers[kind]?.[name] ?? [], 1);
  } else {
    const wanted = kind === "class" ? data.classes.cargo_class.indexOf(name) : -1;
    for (let i = 0; i < data.flows.length; i += 3) {
      if (wanted < 0 || data.flows[i + 1] === wanted) tonnes[data.flows[i]] += 100 * data.flows[i + 2];
    }
    if (kind === "change") addPairs(data.base ?? [], -1);
  }
  return tonnes;
}

/* Tonnes of a directed line by cargo class. */
function classesOf(directed) {
  const found = data.classes.cargo_class.map(() => 0);
  for (let i = 0; i < data.flows.length; i += 3) if (data.flows[i] === directed) found[data.flows[i + 1]] += 100 * data.flows[i + 2];
  return found;
}

function teuOf(directed) {
  for (let i = 0; i < data.teu.length; i += 2) if (data.teu[i] === directed) return data.teu[i + 1];
  return 0;
}
