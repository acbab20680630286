"use strict";
/* The time/cost-distance chart (UNESCAP 2003): distance along x, hours or USD added up along y, steps at borders, transfers and waits. */
const LEG = { what: 0, name: 1, mode: 2, from: 3, to: 4, km: 5, hours: 6, usd: 7, co2: 8, scarcity: 9 };
const STEP_LETTER = 6.1;
const SERIES_DASH = ["", "7 4", "2 3", "10 3 2 3"];

/* Points of a way: distance, sum, and the leg that leads there. */
function pointsOf(legs, measure, perTonne) {
  const points = [{ x: 0, y: 0, leg: null }];
  let x = 0, y = 0;
  for (const leg of legs) {
    const amount = measure === "days" ? leg[LEG.hours] / 24 : perTonne * (leg[LEG.usd] + leg[LEG.scarcity]);
    if (leg[LEG.what] === "haul") x += leg[LEG.km];
    y += amount;
    points.push({ x, y, leg, amount });
  }
  return points;
}

/* Series: {name, legs, perTonne (tonnes in the unit of money), colour}. Draws into a node and returns it. */
function drawChart(node, series, measure) {
  const width = Math.max(300, Math.min(900, node.clientWidth || 640)), height = Math.min(420, Math.max(260, width * 0.55));
  const margin = { top: 14, right: 18, bottom: 44, left: 62 };
  const drawn = series.map((one) => ({ ...one, points: pointsOf(one.legs, measure, one.perTonne) }));
  const far = d3.max(drawn, (one) => one.points.at(-1).x) || 1, high = d3.max(drawn, (one) => one.points.at(-1).y) || 1;
  const x = d3.scaleLinear([0, far], [margin.left, width - margin.right]).nice();
  const y = d3.scaleLinear([0, high], [height - margin.bottom, margin.top]).nice();
  const svg = d3.create("svg").attr("viewBox", `0 0 ${width} ${height}`).attr("width", "100%").attr("class", "chart")
    .attr("role", "img").attr("aria-label", drawn.map((one) => `${one.name}: ${figure(one.points.at(-1).x)} km, ${figure(one.points.at(-1).y)} ${word(`unit.${measure}`)}`).join("; "));
  const ticks = Math.max(3, Math.round(width / 110));
  svg.append("g").attr("class", "axis").attr("transform", `translate(0,${height - margin.bottom})`).call(d3.axisBottom(x).ticks(ticks).tickFormat((v) => number(v)));
  svg.append("g").attr("class", "axis").attr("transform", `translate(${margin.left},0)`).call(d3.axisLeft(y).ticks(6).tickFormat((v) => number(v, high < 6 ? 1 : 0)));
  svg.append("g").attr("class", "grid").selectAll("line").data(y.ticks(6)).join("line").attr("x1", margin.left).attr("x2", width - margin.right).attr("y1", y).attr("y2", y);
  svg.append("text").attr("class", "label").attr("x", width - margin.right).attr("y", height - 8).attr("text-anchor", "end").text(word("axis_km"));
  svg.append("text").attr("class", "label").attr("transform", `translate(14,${margin.top}) rotate(-90)`).attr("text-anchor", "end").text(word(`axis_${measure}`));
  drawn.forEach((one, index) => drawSeries(svg, one, index, x, y, drawn.length > 1));
  if (drawn.length === 1) labelSteps(svg, drawn[0].points, x, y, high, { left: margin.left, right: width - margin.right, top: margin.top });
  node.replaceChildren(svg.node());
  return node;
}

function drawSeries(svg, one, index, x, y, many) {
  const group = svg.append("g");
  for (let i = 1; i < one.points.length; i += 1) {
    const [from, to] = [one.points[i - 1], one.points[i]];
    const haul = to.leg[LEG.what] === "haul";
    const trunk = trunkOfMode.get(to.leg[LEG.mode]) ?? "road";
    group.append("line").attr("x1", x(from.x)).attr("x2", x(to.x)).attr("y1", y(from.y)).attr("y2", y(to.y))
      .attr("class", many ? "way" : haul ? `way ${trunk}` : "way step").style("stroke", many ? one.colour : null)
      .attr("stroke-dasharray", many ? SERIES_DASH[index % 4] : null)
      .append("title").text(legText(to.leg, to.amount));
  }
}

function legText(leg, amount) {
  const what = word(`leg.${leg[LEG.what]}`);
  const where = leg[LEG.from] === leg[LEG.to] ? leg[LEG.from] : `${leg[LEG.from]} – ${leg[LEG.to]}`;
  return `${what}, ${modeName(leg[LEG.mode])}: ${where}${amount === undefined ? "" : ` (+${figure(amount)})`}`;
}

/* Names at the larger steps, where there is room. */
function labelSteps(svg, points, x, y, high, box) {
  const taken = [];
  const steps = points.slice(1).filter((p) => p.leg[LEG.what] !== "haul" && p.amount > 0.03 * high).sort((a, b) => b.amount - a.amount);
  for (const step of steps) {
    const full = step.leg[LEG.what] === "border" ? step.leg[LEG.name] : `${word(`leg.${step.leg[LEG.what]}`)}, ${step.leg[LEG.from]}`;
    const [roomRight, roomLeft] = [box.right - x(step.x) - 6, x(step.x) - box.left - 6];
    const most = Math.floor(Math.max(roomRight, roomLeft) / STEP_LETTER);
    const text = full.length > most ? `${full.slice(0, most - 1)}…` : full;
    const wide = STEP_LETTER * text.length, middle = y(step.y - step.amount / 2) + 4;
    const left = wide <= roomRight ? x(step.x) + 6 : x(step.x) - 6 - wide;
    const mine = { left, right: left + wide, top: middle - 11, bottom: middle + 3 };
    if (left < box.left || taken.some((other) => mine.left < other.right && other.left < mine.right && mine.top < other.bottom && other.top < mine.bottom)) continue;
    taken.push(mine);
    svg.append("text").attr("class", "step-label").attr("x", left).attr("y", middle).text(text);
  }
}

/* Legs as a table: what stands in the chart, for readers and for screens that cannot show it. */
function legsTable(legs, caption) {
  const keys = ["leg", "mode", "from", "to", "km", "hours", "usd_t", "scarcity_t", "co2_t"];
  const cells = (leg) => [
    [word(`leg.${leg[LEG.what]}`), modeName(leg[LEG.mode]), leg[LEG.from], leg[LEG.to]],
    [leg[LEG.km], leg[LEG.hours], leg[LEG.usd], leg[LEG.scarcity], leg[LEG.co2]].map((v) => (v ? figure(v) : "")),
  ];
  const rows = legs.map((leg) => {
    const [texts, numbers] = cells(leg);
    return make("tr", {}, texts.map((text, i) => make(i ? "td" : "th", i ? {} : { scope: "row" }, text)), numbers.map((text) => make("td", { class: "n" }, text)));
  });
  const head = keys.map((key, i) => make("th", { scope: "col", class: i > 3 ? "n" : "" }, heading(key)));
  return make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows)));
}
