"""A small document for the page's own script, run by a JavaScript engine without a browser.

It knows what the script uses: elements with attributes, text and listeners,
simple selectors, clicks. What it does not know raises in the script.
"""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

from py_mini_racer import MiniRacer

VOID = frozenset({"meta", "img", "input", "br", "link"})

DOCUMENT = """
class Node {
  constructor(tag) { this.tag = tag; this.attributes = {}; this.children = []; this.own = ""; this.listeners = {}; }
  get dataset() {
    const found = {};
    for (const key in this.attributes) if (key.startsWith("data-")) found[key.slice(5)] = this.attributes[key];
    return found;
  }
  get hidden() { return "hidden" in this.attributes; }
  set hidden(value) { if (value) this.attributes.hidden = ""; else delete this.attributes.hidden; }
  get firstElementChild() { return this.children[0] || null; }
  get textContent() { return this.own + this.children.map((child) => child.textContent).join(""); }
  set textContent(text) { this.own = String(text); this.children = []; }
  setAttribute(key, value) { this.attributes[key] = String(value); }
  append(...nodes) { for (const node of nodes) { node.parent = this; this.children.push(node); } }
  replaceChildren(...nodes) { this.children = []; this.own = ""; this.append(...nodes); }
  addEventListener(kind, action) { (this.listeners[kind] = this.listeners[kind] || []).push(action); }
  getBoundingClientRect() { return { left: 0, width: 100 }; }
  matches(selector) {
    if (selector.startsWith(".")) return (this.attributes.class || "").split(" ").includes(selector.slice(1));
    if (selector.startsWith("[")) return selector.slice(1, -1) in this.attributes;
    return this.tag === selector;
  }
  querySelectorAll(selector) {
    const own = (child) => (child.matches(selector) ? [child] : []);
    return this.children.flatMap((child) => [...own(child), ...child.querySelectorAll(selector)]);
  }
  querySelector(selector) { return this.querySelectorAll(selector)[0] || null; }
  fire(kind, event) {
    for (let node = this; node; node = node.parent)
      for (const action of node.listeners[kind] || []) action({ target: this, ...event });
  }
}
const built = (data) => {
  const node = new Node(data.tag);
  node.attributes = data.attributes;
  node.own = data.text;
  node.append(...data.children.map(built));
  return node;
};
const document = built(TREE);
document.createElementNS = (space, tag) => new Node(tag);
const figures = () => document.querySelectorAll("[data-replay]");
const state = (index) => {
  const figure = figures()[index], drawing = figure.querySelector(".drawing");
  const circles = drawing.querySelectorAll("circle").filter((c) => Math.abs(c.attributes.r - 9.6) < 0.01);
  const slider = figure.querySelector("input");
  return JSON.stringify({
    said: figure.querySelector("output").textContent,
    hidden: figure.querySelector(".controls").hidden,
    stones: circles.map((c) => [Number(c.attributes.cx), Number(c.attributes.cy), c.attributes.fill]),
    text: drawing.textContent,
    slider: slider ? Number(slider.value) : null,
  });
};
const press = (index, step) => {
  figures()[index].querySelectorAll("button").find((button) => button.dataset.step === step).fire("click", {});
};
const tap = (index, x) => figures()[index].querySelector(".drawing").fire("click", { clientX: x });
const slide = (index, value) => {
  const slider = figures()[index].querySelector("input");
  slider.value = value;
  slider.fire("input", {});
};
"""


class _Tree(HTMLParser):
    """The document as nested dictionaries."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root: dict[str, Any] = {"tag": "#document", "attributes": {}, "text": "", "children": []}
        self._open = [self.root]
        self.scripts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = {"tag": tag, "attributes": {key: value or "" for key, value in attrs}, "text": "", "children": []}
        self._open[-1]["children"].append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1 and self._open.pop()["tag"] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open[-1]["tag"] == "script":
            self.scripts.append(data)
        else:
            self._open[-1]["text"] += data


class Page:
    """A page whose script has run. Figures are counted from 0, in the order of the page."""

    def __init__(self, html: str) -> None:
        tree = _Tree(html)
        self._engine = MiniRacer()
        self._engine.eval(DOCUMENT.replace("TREE", json.dumps(tree.root)))
        for script in tree.scripts:
            self._engine.eval(script)

    @property
    def figures(self) -> int:
        return int(self._engine.eval("figures().length"))

    def state(self, figure: int) -> dict[str, Any]:
        """What a figure shows: the counter, the stones as (x, y, fill), the text on the board, the slider."""
        found: dict[str, Any] = json.loads(self._engine.eval(f"state({figure})"))
        return found

    def press(self, figure: int, step: str) -> None:
        self._engine.eval(f"press({figure}, {json.dumps(step)})")

    def tap(self, figure: int, x: float) -> None:
        """Touch the board; it is 100 wide."""
        self._engine.eval(f"tap({figure}, {x})")

    def slide(self, figure: int, value: int) -> None:
        self._engine.eval(f"slide({figure}, {value})")
