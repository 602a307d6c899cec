"use strict";
// Sorting, filtering, colours, and the trials behind a bias. Without this script the page is complete but for the
// trials, and in its first order. Whatever others wrote is set as text, never as markup.

const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const called = (text, control) => make("label", {}, `${text} `, control);
const holds = (text, wanted) => text.toLowerCase().includes(wanted.trim().toLowerCase());

// --- Colours
const colours = document.getElementById("colours");
colours.closest("p").hidden = false;
colours.addEventListener("change", () => { document.documentElement.dataset.theme = colours.value; });

// --- Tables
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => {
    const cell = row.cells[column];
    const text = cell.textContent.trim();
    if (!cell.classList.contains("number")) return text;
    const found = text.replace(/\u2212/g, "-").replace(/\u2009/g, "").match(/[-+]?\d*\.?\d+/);
    return found ? Number(found[0]) - (text.startsWith("<") ? 1e-6 : 0) : Number.NEGATIVE_INFINITY;
  };
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b) : a === b ? 0 : a - b);
  heads.forEach((head, column) => {
    const button = make("button", { type: "button" }, head.textContent);
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
      const rows = [...body.rows].sort((a, b) => direction * compare(key(a, column), key(b, column)));
      body.append(...rows);
    });
  });
}
for (const input of document.querySelectorAll("input[data-table]")) {
  const rows = [...document.getElementById(input.dataset.table).tBodies[0].rows];
  const told = input.parentElement.querySelector("output");
  input.parentElement.hidden = false;
  input.addEventListener("input", () => {
    rows.forEach((row) => { row.hidden = !holds(row.textContent, input.value); });
    told.textContent = input.value ? `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows` : "";
  });
}

// --- Cards
for (const tools of document.querySelectorAll(".tools")) {
  const list = document.getElementById(tools.dataset.list);
  const cards = [...list.children];
  const [words, decision, family, order] = tools.querySelectorAll("input, select");
  const told = tools.querySelector("output");
  const name = (card) => card.querySelector("h4").textContent;
  const orders = {
    gravity: (a, b) => a.dataset.gravity - b.dataset.gravity || b.dataset.size - a.dataset.size,
    size: (a, b) => b.dataset.size - a.dataset.size,
    name: (a, b) => name(a).localeCompare(name(b)),
  };
  const show = () => {
    for (const card of cards) {
      card.hidden = !holds(card.querySelector("header").textContent, words.value)
        || Boolean(decision.value && card.dataset.decision !== decision.value)
        || Boolean(family.value && card.dataset.family !== family.value);
    }
    const seen = cards.filter((card) => !card.hidden).length;
    told.textContent = seen === cards.length ? "" : `${seen} of ${cards.length} biases`;
  };
  tools.hidden = false;
  tools.addEventListener("input", show);
  order.addEventListener("change", () => { list.append(...cards.sort(orders[order.value])); });
}

// --- The trials behind a bias: unpacked when they are first asked for
const unpack = async (packed) => {
  const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const lines = (await new Response(stream).text()).split("\n");
  return lines.filter((line) => line).map((line) => JSON.parse(line));
};
const block = (title, pieces, cut) => {
  const pre = make("pre", { tabIndex: 0 });
  pre.setAttribute("role", "group");
  pre.setAttribute("aria-label", title);
  pieces.forEach((piece, i) => { pre.append(i % 2 ? make("mark", {}, piece) : piece); });
  if (cut) pre.append(` … ${cut} more characters`);
  return pre;
};
const shown = (one) => {
  const order = one.order.toUpperCase();
  return order.length === 1 ? `${order} alone` : order.length === 2 ? `${order.charAt(0)} first` : `order ${order}`;
};
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const showing = (one) => {
  const title = `${capital(one.arm)}, ${shown(one)}`;
  return make("article", {},
    make("h5", {}, `${title}: `, make("strong", {}, one.verdict)),
    make("p", { className: "label" }, "Shown"), block(`Prompt: ${title}`, one.prompt, one.cut),
    make("p", { className: "label" }, "Reply"),
    one.reply === null ? make("p", {}, "No reply.") : block(`Reply: ${title}`, [one.reply], one.reply_cut));
};
const arms = ["control", "treatment", "positive control", "placebo"];
const longest = 6; // verdicts in a heading
const rank = (one) => [one.order, arms.indexOf(one.arm)].join();
const turns = (example) => {
  const of = (arm) => example.showings.filter((one) => one.arm === arm);
  const before = of("control");
  const after = [...of("treatment"), ...of("positive control")];
  const from = (one) => before.find((other) => other.order === one.order)?.verdict ?? "–";
  const said = after.map((one) => `${shown(one)} ${from(one)} → ${one.verdict}`);
  if (after.length) return said.join(", ");
  const several = new Set(example.showings.map((one) => one.arm)).size > 1;
  const each = example.showings.map((one) => `${several ? `${one.arm}, ` : ""}${shown(one)} ${one.verdict}`);
  return each.length > longest ? "" : each.join(several ? "; " : ", ");
};
const item = (example) => {
  const told = [
    example.kind, example.target && `change on ${example.target}`, example.gold && `gold ${example.gold}`, turns(example),
  ];
  const about = told.filter(Boolean).join(" · ");
  const summary = make("summary", {}, example.item, " ", make("span", {}, about));
  const details = make("details", { className: "item" }, summary);
  details.addEventListener("toggle", () => {
    const inside = make("div", { className: "showings" });
    const count = new Set(example.showings.map((one) => one.arm)).size;
    inside.style.setProperty("--arms", example.target ? count : 2);
    inside.append(...example.showings.sort((a, b) => rank(a).localeCompare(rank(b))).map(showing));
    details.append(inside);
    for (const pre of inside.querySelectorAll("pre:has(mark)")) {
      pre.scrollTop = pre.querySelector("mark").offsetTop - pre.offsetTop - pre.clientHeight / 3;
    }
  }, { once: true });
  return details;
};
const fill = async (details) => {
  const kinds = JSON.parse(details.dataset.kinds);
  const examples = await unpack(document.getElementById(details.dataset.packed));
  examples.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
  const rows = examples.map((example) => ({ kind: example.kind, text: JSON.stringify(example), element: item(example) }));
  const words = make("input", { type: "search", autocomplete: "off" });
  const kind = make("select", {}, make("option", { value: "" }, "all"), ...kinds.map((one) => make("option", {}, one)));
  const told = make("output", {});
  const show = () => {
    rows.forEach((row) => {
      row.element.hidden = !holds(row.text, words.value) || Boolean(kind.value && row.kind !== kind.value);
    });
    told.textContent = `${rows.filter((row) => !row.element.hidden).length} of ${rows.length} items`;
  };
  const tools = make("p", { className: "filter" }, called("Find in the texts", words), called("Show", kind), told);
  tools.addEventListener("input", show);
  details.querySelector(".items").replaceChildren(tools, ...rows.map((row) => row.element));
};
for (const details of document.querySelectorAll("details.trials")) {
  const fail = () => { details.querySelector(".items").textContent = "This browser cannot unpack the trials."; };
  details.addEventListener("toggle", () => { fill(details).catch(fail); }, { once: true });
}
