"use strict";
/* The map: coasts and borders, bands by tonnes with their direction at the right-hand side, ports and crossings as symbols. */
const WIDEST = 15, THINNEST = 0.7, LOAD_STEPS = [0.5, 0.7, 0.85, 0.95];
const map = { layer: "all", colour: "mode", shown: new Set(TRUNKS), symbols: new Set(["ports", "crossings"]), transform: d3.zoomIdentity };

/* Pieces of ways between two points that lines share, so that what goes the same way is one band: built once. */
function buildPieces() {
  const points = [], index = new Map(), pieces = [], known = new Map();
  const pointAt = (lon, lat) => {
    const key = `${lon.toFixed(2)} ${lat.toFixed(2)}`;
    if (!index.has(key)) { index.set(key, points.length); points.push([lon, lat]); }
    return index.get(key);
  };
  const place = (i) => pointAt(data.places.lon[i], data.places.lat[i]);
  for (let line = 0; line < lineCount; line += 1) {
    const shape = lines.shape[line] < 0 ? null : lines.shapes[lines.shape[line]];
    const chain = [place(lines.a[line])];
    for (let i = 2; shape && i < shape.length - 2; i += 2) chain.push(pointAt(shape[i], shape[i + 1]));
    chain.push(place(lines.b[line]));
    for (let i = 1; i < chain.length; i += 1) {
      const [p, q] = [chain[i - 1], chain[i]];
      if (p === q) continue;
      const [low, high] = p < q ? [p, q] : [q, p];
      const key = `${low} ${high} ${trunkOfLine[line]}`;
      if (!known.has(key)) { known.set(key, pieces.length); pieces.push({ low, high, trunk: trunkOfLine[line], members: [] }); }
      pieces[known.get(key)].members.push([line, p < q ? 1 : 0]);
    }
  }
  return { points, pieces };
}

/* Bands of the chosen layer: piece, way (1: from its low to its high point), tonnes, offset behind other trunks of the same pair. */
function bandsOf(net, tonnes) {
  const bands = [], idle = [];
  for (const piece of net.pieces) {
    if (!map.shown.has(TRUNKS[piece.trunk])) continue;
    const sums = [0, 0], size = [0, 0];
    for (const [line, along] of piece.members) {
      for (const forward of [0, 1]) {
        const amount = tonnes[line * 2 + forward];
        const way = forward === along ? 1 : 0;
        sums[way] += amount;
        size[way] += Math.abs(amount);
      }
    }
    if (size[0] + size[1] < 1) idle.push(piece);
    for (const way of [0, 1]) if (size[way] >= 1) bands.push({ piece, way, tonnes: sums[way] });
  }
  return { bands, idle };
}

function poolOfPiece(piece) {
  let best = -1;
  for (const [line] of piece.members) {
    const pool = lines.pool[line];
    if (pool >= 0 && (best < 0 || (data.pools.load_factor[pool] ?? 0) > (data.pools.load_factor[best] ?? 0))) best = pool;
  }
  return best;
}

function bandClass(band) {
  if (map.colour === "mode") return TRUNKS[band.piece.trunk];
  if (map.colour === "change") return band.tonnes >= 0 ? "more" : "less";
  const pool = poolOfPiece(band.piece);
  if (pool < 0) return "unknown";
  if (map.colour === "load") return `load-${LOAD_STEPS.filter((step) => data.pools.load_factor[pool] >= step).length}`;
  return `load-${priceStep(data.pools.usd_per_slot[pool])}`;
}

let priceBreaks = null;
function priceStep(price) {
  if (!priceBreaks) {
    const prices = data.pools.usd_per_slot.filter((p) => p > 0.005).sort(d3.ascending);
    priceBreaks = [0.005, ...[0.4, 0.7, 0.9].map((q) => d3.quantile(prices, q) ?? 1)];
  }
  return priceBreaks.filter((step) => price >= step).length;
}

function startMap(open) {
  const node = document.getElementById("canvas"), svg = d3.select(node).select("svg");
  const net = buildPieces();
  const land = topojson.feature(data.map, data.map.objects.countries);
  const borders = topojson.mesh(data.map, data.map.objects.countries, (a, b) => a !== b);
  const root = svg.append("g").attr("class", "base");
  root.append("path").attr("class", "land");
  root.append("path").attr("class", "border");
  const layers = Object.fromEntries(["idle", "bands", "symbols", "capitals", "labels"].map((name) => [name, svg.append("g").attr("class", name)]));
  const view = { node, svg, net, land, borders, root, layers, open, screen: [], bands: [] };
  view.zoom = d3.zoom().scaleExtent([0.2, 60]).on("zoom", ({ transform }) => { map.transform = transform; schedule(view); });
  svg.call(view.zoom).on("dblclick.zoom", null);
  node.addEventListener("keydown", (event) => mapKey(view, event));
  node.addEventListener("pointerleave", () => hideTip());
  new ResizeObserver(() => fitMap(view)).observe(node);
  fitMap(view);
  return view;
}

function fitMap(view) {
  const width = Math.max(280, view.node.clientWidth), height = Math.max(300, Math.min(760, width * (width < 600 ? 1.05 : 0.62)));
  if (view.width === width) return;
  Object.assign(view, { width, height });
  view.svg.attr("viewBox", `0 0 ${width} ${height}`).attr("height", height);
  const inner = data.inner.map((i) => [data.places.lon[i], data.places.lat[i]]);
  const middle = (axis) => [0.04, 0.9].map((share) => d3.quantile(inner, share, (p) => p[axis])); // where most of its places lie
  const [lons, lats] = [middle(0), middle(1)];
  const third = (lats[1] - lats[0]) / 6;
  const wide = lats[0] > 10 || lats[1] < -10;
  view.projection = (wide ? d3.geoConicConformal().parallels([lats[0] + third, lats[1] - third]) : d3.geoEquirectangular()).rotate([-(lons[0] + lons[1]) / 2, 0]);
  view.projection.fitExtent([[24, 24], [width - 24, height - 24]], { type: "MultiPoint", coordinates: [[lons[0], lats[0]], [lons[1], lats[0]], [lons[0], lats[1]], [lons[1], lats[1]]] });
  const path = d3.geoPath(view.projection.precision(0.4));
  view.root.select(".land").attr("d", path(view.land));
  view.root.select(".border").attr("d", path(view.borders));
  view.screen = view.net.points.map((p) => view.projection(p));
  view.zoom.translateExtent([[-3 * width, -3 * height], [4 * width, 4 * height]]);
  drawMap(view);
}

let waiting = false;
function schedule(view) {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; placeMap(view); });
}

/* The layer or what is shown has changed: bands anew. */
function drawMap(view) {
  view.tonnes = layerFlows(map.layer);
  const { bands, idle } = bandsOf(view.net, view.tonnes);
  const most = d3.max(bands, (band) => Math.abs(band.tonnes)) || 1;
  const widest = WIDEST * Math.max(0.5, Math.min(1, view.width / 800));
  view.width_of = (tonnes) => Math.max(THINNEST, widest * Math.sqrt(Math.abs(tonnes) / most));
  view.most = most;
  view.idle = idle;
  const beside = new Map();
  for (const band of bands.sort((a, b) => a.piece.trunk - b.piece.trunk)) {
    const key = `${band.piece.low} ${band.piece.high} ${band.way}`;
    band.thick = view.width_of(band.tonnes);
    band.offset = (beside.get(key) ?? 0.4) + band.thick / 2;
    beside.set(key, (beside.get(key) ?? 0.4) + band.thick);
  }
  view.bands = bands.sort((a, b) => Math.abs(a.tonnes) - Math.abs(b.tonnes));
  view.layers.bands.selectAll("path").data(view.bands).join("path")
    .attr("class", (band) => `band ${bandClass(band)}`).attr("stroke-width", (band) => band.thick)
    .on("pointerenter pointermove", (event, band) => showTip(view, event, bandTip(band)))
    .on("pointerleave", hideTip)
    .on("click", (_, band) => openBand(view, band));
  drawSymbols(view);
  placeMap(view);
  drawLegend(view);
}

/* Where everything stands under the present zoom. */
function placeMap(view) {
  const t = map.transform, at = (i) => t.apply(view.screen[i]);
  view.root.attr("transform", t);
  let idle = "";
  for (const piece of view.idle) { const [a, b] = [at(piece.low), at(piece.high)]; idle += `M${a[0].toFixed(1)},${a[1].toFixed(1)}L${b[0].toFixed(1)},${b[1].toFixed(1)}`; }
  view.layers.idle.selectAll("path").data([idle]).join("path").attr("d", (d) => d);
  view.layers.bands.selectAll("path").attr("d", (band) => bandPath(at(band.piece.low), at(band.piece.high), band, view));
  view.layers.capitals.selectAll("circle").data(data.capitals).join("circle").attr("r", 2).each(function put(i) { const [x, y] = t.apply(view.projection([data.places.lon[i], data.places.lat[i]])); this.setAttribute("cx", x.toFixed(1)); this.setAttribute("cy", y.toFixed(1)); });
  const place = (d) => { const [x, y] = t.apply(view.projection([d[2], d[3]])); return `translate(${x.toFixed(1)},${y.toFixed(1)})`; };
  view.layers.symbols.selectAll("g").attr("transform", place);
  placeLabels(view);
}

function bandPath(low, high, band, view) {
  const [p, q] = band.way ? [low, high] : [high, low];
  if ((p[0] < -50 && q[0] < -50) || (p[1] < -50 && q[1] < -50) || (p[0] > view.width + 50 && q[0] > view.width + 50) || (p[1] > view.height + 50 && q[1] > view.height + 50)) return "";
  const dx = q[0] - p[0], dy = q[1] - p[1], far = Math.hypot(dx, dy) || 1;
  const ox = (-dy / far) * band.offset, oy = (dx / far) * band.offset;
  return `M${(p[0] + ox).toFixed(1)},${(p[1] + oy).toFixed(1)}L${(q[0] + ox).toFixed(1)},${(q[1] + oy).toFixed(1)}`;
}

function symbolRows() {
  const rows = [];
  if (map.symbols.has("ports")) for (const port of data.ports) rows.push({ kind: "port", row: port, tonnes: port[4] + port[5], load: port[7], 2: port[2], 3: port[3] });
  if (map.symbols.has("crossings")) for (const one of data.crossings) rows.push({ kind: "crossing", row: one, tonnes: one[4] + one[5], load: one[8], 2: one[2], 3: one[3] });
  return rows.sort((a, b) => b.tonnes - a.tonnes);
}

function drawSymbols(view) {
  const rows = symbolRows(), most = d3.max(rows, (d) => d.tonnes) || 1;
  const size = (d) => 2.2 + 6 * Math.sqrt(d.tonnes / most);
  view.symbols = rows;
  view.layers.symbols.selectAll("g").data(rows, (d) => d.kind + d.row[0]).join((enter) => {
    const group = enter.append("g");
    group.append((d) => document.createElementNS("http://www.w3.org/2000/svg", d.kind === "port" ? "circle" : "rect"));
    return group;
  }).attr("class", (d) => `symbol ${d.kind} ${d.load === null ? "unknown" : `load-${LOAD_STEPS.filter((step) => d.load >= step).length}`}`)
    .on("pointerenter pointermove", (event, d) => showTip(view, event, symbolTip(d)))
    .on("pointerleave", hideTip)
    .on("click", (_, d) => view.open(d.kind, d.row[0]));
  view.layers.symbols.selectAll("circle").attr("r", (d) => size(d));
  view.layers.symbols.selectAll("rect").attr("width", (d) => 1.7 * size(d)).attr("height", (d) => 1.7 * size(d)).attr("x", (d) => -0.85 * size(d)).attr("y", (d) => -0.85 * size(d)).attr("transform", "rotate(45)");
}

/* Names of countries and of the busiest ports and crossings where they do not cover each other. */
function placeLabels(view) {
  const taken = [], t = map.transform, most = Math.round((22 + 12 * Math.log2(Math.max(1, t.k))) * Math.min(1, view.width / 800));
  const free = (box) => box.left > 2 && box.right < view.width - 2 && box.top > 2 && box.bottom < view.height - 2 &&
    !taken.some((o) => box.left < o.right && o.left < box.right && box.top < o.bottom && o.top < box.bottom);
  const rows = [];
  const tryLabel = (kind, text, x, y, centred) => {
    const wide = (kind === "country" ? 8.4 : 6) * text.length, left = centred ? x - wide / 2 : x + 8;
    for (const shift of kind === "country" ? [0, -14, 14, -28, 28] : [0]) {
      const box = { left, right: left + wide, top: y - 9 + shift, bottom: y + 4 + shift };
      if (free(box)) { taken.push(box); rows.push({ kind, text, x: left, y: y + shift }); return; }
    }
  };
  const labels = view.candidates ?? (view.candidates = labelPoints());
  for (const { kind, text, lon, lat } of labels) {
    if (rows.length > most) break;
    if (kind === "port" && !map.symbols.has("ports") || kind === "crossing" && !map.symbols.has("crossings")) continue;
    const [x, y] = t.apply(view.projection([lon, lat]));
    if (x > 0 && y > 0 && x < view.width && y < view.height) tryLabel(kind, text, x, kind === "country" ? y : y + 3, kind === "country");
  }
  view.layers.labels.selectAll("text").data(rows).join("text").attr("class", (d) => `map-label ${d.kind}`).attr("x", (d) => d.x).attr("y", (d) => d.y).text((d) => d.text);
}

/* Names that the map may bear, the most wanted first: countries, capitals, then ports and crossings by their tonnes in turn. */
function labelPoints() {
  const inner = new Set(data.inner);
  const groups = d3.group(d3.range(data.places.place.length).filter((i) => inner.has(i)), (i) => data.places.country[i]);
  const countries = [...groups].map(([code, members]) => ({ kind: "country", text: countryName(code), lon: d3.mean(members, (i) => data.places.lon[i]), lat: d3.mean(members, (i) => data.places.lat[i]) }));
  const capitals = data.capitals.map((i) => ({ kind: "capital", text: data.places.name[i], lon: data.places.lon[i], lat: data.places.lat[i] }));
  const busiest = (kind, rows) => [...rows].sort((a, b) => b[4] + b[5] - a[4] - a[5]).map((row) => ({ kind, text: row[1].replace(/ \((rail|road)\)$/, ""), lon: row[2], lat: row[3] }));
  const [ports, crossings] = [busiest("port", data.ports), busiest("crossing", data.crossings)];
  return [...countries, ...capitals, ...d3.range(Math.max(ports.length, crossings.length)).flatMap((i) => [ports[i], crossings[i]]).filter(Boolean)];
}

function bandTip(band) {
  const from = band.way ? band.piece.low : band.piece.high;
  const members = membersOf(band).slice(0, 3);
  const pool = poolOfPiece(band.piece);
  return [
    make("strong", {}, members.map(([line, forward]) => directedName(line, forward))[0] ?? ""),
    `${word(`mode.${TRUNKS[band.piece.trunk]}`)}: ${figure(band.tonnes / 1e3)} ${word("unit.kt")}`,
    pool >= 0 ? word("tip_load", { load: number(100 * data.pools.load_factor[pool]), price: figure(data.pools.usd_per_slot[pool]) }) : word("tip_no_capacity"),
    from >= 0 && membersOf(band).length > 1 ? word("tip_lines", { count: membersOf(band).length }) : "",
  ];
}

/* Directed lines of a band that carry something, the largest first. */
function membersOf(band) {
  return band.piece.members.map(([line, along]) => [line, band.way === 1 ? along : 1 - along])
    .filter(([line, forward]) => Math.abs(view_tonnes()[line * 2 + forward]) >= 1)
    .sort((a, b) => Math.abs(view_tonnes()[b[0] * 2 + b[1]]) - Math.abs(view_tonnes()[a[0] * 2 + a[1]]));
}

function view_tonnes() {
  return page.map.tonnes;
}

function directedName(line, forward) {
  const [a, b] = forward ? [lines.a[line], lines.b[line]] : [lines.b[line], lines.a[line]];
  return `${data.places.name[a]} → ${data.places.name[b]}`;
}

function symbolTip(d) {
  return [make("strong", {}, d.row[1]), `${word(`kind.${d.kind}`)}: ${figure(d.tonnes / 1e3)} ${word("unit.kt")}`,
    d.load === null ? word("tip_no_capacity") : word("tip_load", { load: number(100 * d.load), price: figure(d.row[d.kind === "port" ? 8 : 9]) })];
}

function openBand(view, band) {
  const members = membersOf(band);
  if (members.length) view.open("line", members.map(([line]) => line).filter((line, i, all) => all.indexOf(line) === i));
}

function showTip(view, event, parts) {
  const tip = document.getElementById("tip");
  tip.replaceChildren(...parts.filter(Boolean).map((part) => make("div", {}, part)));
  tip.hidden = false;
  const [x, y] = d3.pointer(event, view.node);
  tip.style.left = `${Math.min(x + 14, view.width - tip.offsetWidth - 4)}px`;
  tip.style.top = `${Math.min(y + 14, view.height - tip.offsetHeight - 4)}px`;
}

function hideTip() {
  document.getElementById("tip").hidden = true;
}

function mapKey(view, event) {
  const step = 60;
  const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
  if (event.key in moves) view.svg.call(view.zoom.translateBy, moves[event.key][0] / map.transform.k, moves[event.key][1] / map.transform.k);
  else if (event.key === "+" || event.key === "=") zoomBy(view, 1.5);
  else if (event.key === "-") zoomBy(view, 1 / 1.5);
  else if (event.key === "0") zoomHome(view);
  else return;
  event.preventDefault();
}

function zoomBy(view, factor) {
  view.svg.call(view.zoom.scaleBy, factor);
}

function zoomHome(view) {
  view.svg.call(view.zoom.transform, d3.zoomIdentity);
}

/* Everything that carries something in this layer. */
function zoomAll(view) {
  const points = [...new Set(view.bands.flatMap((band) => [band.piece.low, band.piece.high]))].map((i) => view.screen[i]);
  if (!points.length) return;
  const [x, y] = [d3.extent(points, (p) => p[0]), d3.extent(points, (p) => p[1])];
  const k = Math.max(0.2, Math.min(12, 0.9 * Math.min(view.width / (x[1] - x[0] || 1), view.height / (y[1] - y[0] || 1))));
  view.svg.call(view.zoom.transform, d3.zoomIdentity.translate(view.width / 2, view.height / 2).scale(k).translate(-(x[0] + x[1]) / 2, -(y[0] + y[1]) / 2));
}

function drawLegend(view) {
  const widths = [1, 0.25, 0.04].map((share) => view.most * share);
  const swatch = (style, thick) => { const node = make("span", { class: `swatch ${style}` }); if (thick) node.style.height = `${thick}px`; return node; };
  const item = (style, text, thick) => make("span", { class: "legend-item" }, swatch(style, thick), text);
  const colours = { mode: () => TRUNKS.map((trunk) => item(trunk, word(`mode.${trunk}`))), change: () => ["more", "less"].map((k) => item(k, word(k))) }[map.colour]
    ?? (() => [item("unknown", word("no_capacity")), ...d3.range(5).map((step) => item(`load-${step}`, stepText(step)))]);
  document.getElementById("legend").replaceChildren(
    make("p", { class: "legend" }, make("b", {}, word("legend_width")), widths.map((t) => item("ink", `${figure(t / 1e6)} ${word("unit.mt")}`, view.width_of(t)))),
    make("p", { class: "legend" }, make("b", {}, word(`colour.${map.colour}`)), colours()),
    make("p", { class: "note" }, word("legend_note")));
}

function stepText(step) {
  const from = (i) => (map.colour === "load" ? `${number(100 * LOAD_STEPS[i])} %` : figure(priceBreaks?.[i] ?? 0));
  if (step === 0) return map.colour === "load" ? word("under", { value: from(0) }) : word("no_price");
  return step === 4 ? word("over", { value: from(3) }) : `${from(step - 1)} – ${from(step)}`;
}
