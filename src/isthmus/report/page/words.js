"use strict";
/* Words and numbers of the page in the reader's language. Every visible text comes through `word`. */
const ALL_WORDS = JSON.parse(document.getElementById("words").textContent);
const LANGUAGES = Object.keys(ALL_WORDS);
const state = { language: document.documentElement.lang };

function word(key, values = {}) {
  const text = ALL_WORDS[state.language][key] ?? ALL_WORDS.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/* A word if there is one, else the text itself: ids of modes, units, reasons that a region may name. */
function wordOr(prefix, text) {
  const key = `${prefix}.${text}`;
  return key in ALL_WORDS.en ? word(key) : text;
}

function number(value, digits = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  return new Intl.NumberFormat(state.language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/* As many decimals as three significant digits need. */
function figure(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  return number(value, size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : 2);
}

function formatted([value, form]) {
  return form[0] === "p" ? `${number(100 * value, Number(form[1]))} %` : number(value, Number(form[1]));
}

function joined(texts) {
  return new Intl.ListFormat(state.language, { style: "long", type: "conjunction" }).format(texts);
}

function fillWords(root = document) {
  for (const node of root.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
  for (const node of root.querySelectorAll("[data-title]")) { node.title = word(node.dataset.title); node.setAttribute("aria-label", node.title); }
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", word(node.dataset.label));
}

/* An element with attributes, listeners (on…) and children; texts never become markup. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

function option(value, text, chosen = false) {
  return make("option", { value, selected: chosen }, text);
}

function choice(type, name, value, text, checked, onchange, disabled = false) {
  return make("label", { class: "choice" }, make("input", { type, name, value, checked, onchange, disabled }), " ", text);
}
