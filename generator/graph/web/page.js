"use strict";

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);
const search = byId("search");
const view = byId("view");
const graph = view.querySelector("svg");
const items = all("nav li");
const nodes = all(".graph a");
const lines = all(".graph .line");
const naturalWidth = graph.viewBox.baseVal.width;
let zoom = 1;
let cameFrom = null;

document.documentElement.classList.add("scripted");

function chosen() {
  const card = byId(location.hash.slice(1));
  return card && card.classList.contains("card") ? card.id.slice("service-".length) : "";
}

function found() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = items.filter((item) => words.every((word) => item.dataset.words.includes(word)));
  return new Set(fits.map((item) => item.dataset.service));
}

// Highlight the selected service with its neighbours, or else the results of the search.
function draw() {
  const name = chosen();
  const matches = found();
  const joined = lines.filter((line) => line.dataset.from === name || line.dataset.to === name);
  const near = new Set([name, ...joined.flatMap((line) => [line.dataset.from, line.dataset.to])]);
  for (const node of nodes) {
    const service = node.dataset.service;
    node.classList.toggle("chosen", service === name);
    node.classList.toggle("far", !matches.has(service) || (name !== "" && !near.has(service)));
  }
  for (const line of lines) {
    const seen = ["gateway", "external network", ...matches];
    const matched = seen.includes(line.dataset.from) && seen.includes(line.dataset.to);
    line.classList.toggle("near", joined.includes(line));
    line.classList.toggle("far", name ? !joined.includes(line) : !matched);
  }
  for (const item of items) {
    item.hidden = !matches.has(item.dataset.service);
    const link = item.querySelector("a");
    if (item.dataset.service === name) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  for (const card of all(".card")) card.classList.toggle("shown", card.id === `service-${name}`);
  const total = items.length;
  byId("count").textContent =
    matches.size === total ? `${total} service${total === 1 ? "" : "s"}` : `${matches.size} of ${total} services`;
}

function reveal(name) {
  const box = nodes.find((node) => node.dataset.service === name).getBoundingClientRect();
  const frame = view.getBoundingClientRect();
  if (box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom) {
    view.scrollBy(box.left - frame.left - frame.width / 3, box.top - frame.top - frame.height / 3);
  }
}

function follow() {
  const name = chosen();
  draw();
  if (!name) return;
  byId(`service-${name}`).focus({ preventScroll: true });
  reveal(name);
}

function close() {
  const back = cameFrom;
  location.hash = "services";
  draw();
  if (back) back.focus({ preventScroll: true });
}

function setZoom(value) {
  zoom = Math.min(2, Math.max(0.1, value));
  graph.style.width = `${naturalWidth * zoom}px`;
}

function fit() {
  const frame = view.getBoundingClientRect();
  const box = graph.viewBox.baseVal;
  setZoom(Math.min(1, frame.width / box.width, Math.max(frame.height, 240) / box.height));
}

function setEnvironment() {
  const name = byId("environment").value;
  for (const part of all("[data-environment]")) part.classList.toggle("now", part.dataset.environment === name);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  if (link.classList.contains("close")) {
    event.preventDefault();
    close();
  } else if (!link.closest(".card")) {
    cameFrom = link;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && chosen()) {
    event.preventDefault();
    close();
  } else if (event.key === "Escape") {
    search.value = "";
    draw();
  } else if (event.key === "/" && !event.target.matches("input, select")) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Enter" && event.target === search) {
    const first = items.find((item) => !item.hidden);
    if (first) first.querySelector("a").click();
  }
});

// Drag the background to move the graph; touch and wheel scroll it natively.
view.addEventListener("pointerdown", (event) => {
  if (event.pointerType !== "mouse" || event.button !== 0 || event.target.closest("a")) return;
  if (event.target === view) return;
  event.preventDefault();
  view.focus({ preventScroll: true });
  view.setPointerCapture(event.pointerId);
  const move = (moved) => view.scrollBy(-moved.movementX, -moved.movementY);
  view.addEventListener("pointermove", move);
  view.addEventListener("pointerup", () => view.removeEventListener("pointermove", move), { once: true });
});

search.addEventListener("input", draw);
byId("environment").addEventListener("change", setEnvironment);
byId("smaller").addEventListener("click", () => setZoom(zoom / 1.25));
byId("larger").addEventListener("click", () => setZoom(zoom * 1.25));
byId("fit").addEventListener("click", fit);
window.addEventListener("hashchange", follow);

setEnvironment();
fit();
setZoom(Math.max(zoom, 0.8));
follow();
