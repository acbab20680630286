"use strict";
/* Sheets: what is known of a corridor, crossing, port, country or line, with its confidence and sources. */
const SHEET_TABLES = { corridor: "corridors", crossing: "crossings", port: "ports", country: "countries", pool: "pools", count: "counts", trade: "trade" };

function figuresOf(kind, id) {
  const table = tableByName.get(SHEET_TABLES[kind]);
  const row = table ? table.ids.indexOf(id) : -1;
  if (row < 0) return null;
  const pairs = table.columns.map(([key, digits], i) => [heading(key), cellText(key, digits, table.rows[row][i])]).slice(1).filter(([, text]) => text !== "");
  return make("dl", { class: "figures" }, pairs.map(([name, text]) => make("div", {}, make("dt", {}, name), make("dd", {}, text))));
}

/* Shares of low, medium and high confidence as a bar with its words. */
function confidenceBar(part, shares) {
  if (shares.every((share) => share === null)) return null;
  const text = CONFIDENCES.map((level, i) => `${word(`confidence.${level}`)} ${figure(shares[i])} %`).join(", ");
  return make("div", { class: "confidence" }, make("div", {}, word(`part.${part}`)),
    make("div", { class: "bar", role: "img", "aria-label": text }, CONFIDENCES.map((level, i) => make("span", { class: level, style: `width:${shares[i]}%` }))),
    make("div", { class: "muted" }, text));
}

function confidenceView(kind, id) {
  const shares = data.confidence[`${kind}|${id}`];
  return shares ? make("div", {}, confidenceBar("demand", shares.slice(0, 3)), confidenceBar("network", shares.slice(3))) : null;
}

function sourceItem(index, share = null) {
  const [id, title, url] = data.sources[index];
  const name = url ? make("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, title || id) : title || id;
  return make("li", {}, name, share === null ? null : make("span", { class: "muted" }, ` ${number(share / 10, 1)} %`));
}

function sourcesView(kind, id) {
  const flat = data.cited[`${kind}|${id}`];
  if (!flat) return null;
  const part = (which) => {
    const items = [];
    for (let i = 0; i < flat.length; i += 3) if (flat[i + 1] === which) items.push(sourceItem(flat[i], flat[i + 2]));
    return items.length ? [make("h5", {}, word(`part.${which ? "network" : "demand"}`)), make("ul", {}, items)] : [];
  };
  return make("details", {}, make("summary", {}, word("its_sources")), make("p", { class: "note" }, word("its_sources_note")), part(0), part(1));
}

/* The row that a figure rests on by itself: its note, confidence and source. */
function ownRow(kind, id) {
  const row = data.rows[`${kind}|${id}`];
  if (!row) return null;
  const [source, level, note] = row;
  return make("div", {}, make("p", {}, `${word("confidence")}: ${word(`confidence.${CONFIDENCES[level]}`)}. ${note}`), make("ul", {}, sourceItem(source)));
}

function corridorExtras(id) {
  const legs = data.itineraries[id];
  const show = make("button", { type: "button", onclick: () => page.showLayer(`corridor:${id}`) }, word("show_on_map"));
  if (!legs) return [show, make("p", { class: "note" }, word("no_way"))];
  const chart = make("div", { class: "chart-box" });
  const draw = (measure) => drawChart(chart, [{ name: nameOf("corridor", id), legs, perTonne: 1 }], measure);
  const buttons = ["days", "usd"].map((measure) => choice("radio", "sheet-measure", measure, word(`measure.${measure}`), measure === "days", () => draw(measure)));
  requestAnimationFrame(() => draw("days"));
  return [show, make("h4", {}, word("named_way")), make("p", { class: "note" }, word("named_way_note")), make("div", { class: "toolbar" }, buttons), chart,
    make("details", {}, make("summary", {}, word("legs")), legsTable(legs, word("legs")))];
}

function lineSheet(lineNumbers) {
  const parts = lineNumbers.slice(0, 12).map((line) => {
    const kind = lines.kind[line] ? "service" : "link";
    const ways = [1, 0].map((forward) => {
      const directed = line * 2 + forward, classes = classesOf(directed), sum = d3.sum(classes);
      if (sum < 1) return null;
      const most = d3.max(classes);
      const bars = classes.map((t, i) => [t, wordOr("class", className(data.classes.cargo_class[i]))]).filter(([t]) => t >= 1).sort((a, b) => b[0] - a[0]);
      return make("div", {}, make("h5", {}, `${directedName(line, forward)}: ${figure(sum / 1e3)} ${word("unit.kt")}${teuOf(directed) ? `, ${figure(teuOf(directed) / 1e3)} ${word("unit.kteu")}` : ""}`),
        make("ul", { class: "bars" }, bars.map(([t, name]) => make("li", {}, make("span", { class: "bar-fill", style: `width:${(60 * t) / most}%` }), ` ${name} ${figure(t / 1e3)}`))));
    });
    const pool = lines.pool[line];
    return make("section", {}, make("h4", {}, `${lineName(line)} (${modeName(data.modes.mode[lines.mode[line]])}, ${figure(lines.km[line])} km)`), ways,
      pool >= 0 ? make("p", {}, word("line_pool", { name: data.pools.name[pool], load: number(100 * data.pools.load_factor[pool]), price: figure(data.pools.usd_per_slot[pool]), basis: wordOr("basis", data.pools.basis[pool]) })) : make("p", {}, word("tip_no_capacity")),
      make("p", { class: "note" }, `${word(`kind.${kind}`)}, ${word("confidence")}: ${word(`confidence.${CONFIDENCES[lines.confidence[line]]}`)}. ${lines.note[line]}`),
      make("ul", { class: "note" }, sourceItem(lines.source[line])));
  });
  return [make("h3", {}, lineNumbers.length === 1 ? lineName(lineNumbers[0]) : word("several_lines", { count: lineNumbers.length })), parts,
    lineNumbers.length > 12 ? make("p", { class: "note" }, word("more_lines", { count: lineNumbers.length - 12 })) : null];
}

/* Fill the sheet; `id` is a list of lines for the kind "line". */
function sheetView(kind, id) {
  const close = make("button", { type: "button", class: "close", onclick: () => page.closeSheet() }, "×");
  close.title = word("close");
  close.setAttribute("aria-label", close.title);
  if (kind === "line") return [close, ...lineSheet(id)];
  return [close, make("p", { class: "muted" }, word(`kind.${kind}`)), make("h3", {}, nameOf(kind, id)), figuresOf(kind, id),
    kind === "corridor" ? corridorExtras(id) : null, make("h4", {}, word("rests_on")), ownRow(kind, id), confidenceView(kind, id), sourcesView(kind, id)];
}
