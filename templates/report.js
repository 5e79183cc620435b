"use strict";
const form = document.getElementById("filters");
const all = (selector, node = document) => [...node.querySelectorAll(selector)];
const name = (node) => node.querySelector("h3, h4").textContent;
const fields = ["text", "class", "event", "callback"];
const has = (text, part) => text.toLowerCase().includes(part);

function show(node, on) {
  node.toggleAttribute("data-off", !on);
  return on;
}

function filter() {
  const wanted = Object.fromEntries(fields.map((f) => [f, form.elements[f].value.toLowerCase().trim()]));
  const any = fields.some((f) => wanted[f]);
  let number = 0;
  for (const cls of all(".c")) {
    const inClass = has(name(cls), wanted.class);
    const head = has(name(cls), wanted.text);
    let events = 0;
    for (const event of all(".e", cls)) {
      const inEvent = inClass && has(name(event), wanted.event);
      const named = head || has(name(event), wanted.text);
      let rows = 0;
      for (const row of all("li, .d", event)) {
        const callback = row.querySelector(".n");
        const is = inEvent && (named || has(row.textContent, wanted.text)) &&
          (!wanted.callback || (callback && has(callback.textContent, wanted.callback)));
        const method = row.classList.contains("m");
        if (show(row, is || method) && is && callback) number += 1;
        rows += is ? 1 : 0;
      }
      events += show(event, rows > 0) ? 1 : 0;
    }
    const shown = any ? events > 0 || (head && inClass && !wanted.event && !wanted.callback) : true;
    show(cls, shown);
    if (any && shown) cls.open = true;
  }
  document.getElementById("found").value = any ? `${number} callback${number === 1 ? "" : "s"}` : "";
  return Object.entries(wanted).filter(([, value]) => value);
}

function keep() {
  const wanted = filter();
  const hash = wanted.length ? `#?${new URLSearchParams(wanted)}` : "#";
  history.replaceState(null, "", hash);
}

function follow() {
  const hash = location.hash;
  if (hash.startsWith("#?")) {
    const wanted = new URLSearchParams(hash.slice(2));
    for (const field of fields) form.elements[field].value = wanted.get(field) ?? "";
    filter();
    return;
  }
  const target = document.getElementById(decodeURIComponent(hash.slice(1)));
  if (!target) return;
  for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  target.scrollIntoView();
  target.querySelector("summary")?.focus();
}

function offer(id, selector, text) {
  const names = new Set(all(selector).map(text));
  document.getElementById(id).append(...[...names].sort().map((one) => new Option(one, one)));
}

offer("classes", ".c", name);
offer("events", ".e", name);
offer("callbacks", ".n", (node) => node.textContent);
form.hidden = false;
form.addEventListener("input", keep);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(keep));
const setAll = (open) => all("details").forEach((one) => (one.open = open));
document.getElementById("open").addEventListener("click", () => setAll(true));
document.getElementById("close").addEventListener("click", () => setAll(false));
let closed = [];
addEventListener("beforeprint", () => {
  closed = all("details:not([open])");
  closed.forEach((one) => (one.open = true));
});
addEventListener("afterprint", () => closed.forEach((one) => (one.open = false)));
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input")) return;
  event.preventDefault();
  form.elements.text.focus();
});
addEventListener("hashchange", follow);
addEventListener("load", follow);
