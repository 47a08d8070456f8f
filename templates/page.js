"use strict";
// Boards that step through their moves. Without this script the page shows the finished figures.
(() => {
  const NS = "http://www.w3.org/2000/svg";
  const CELL = 20;

  const make = (name, attributes, parent, text) => {
    const node = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    parent.append(node);
    return node;
  };

  const stars = (size) => {
    if (size < 8) return size % 2 ? [(size - 1) / 2] : [];
    const near = size >= 12 ? 3 : 2;
    const lines = [near, size - 1 - near];
    if (size % 2 && size >= 15) lines.push((size - 1) / 2);
    return lines;
  };

  // The position after `count` moves: point -> [colour, number or 0].
  const position = (game, count) => {
    const stones = new Map();
    for (const point of game.b) stones.set(point, [0, 0]);
    for (const point of game.a) stones.set(point, [1, 0]);
    for (const [color, number, point, taken] of game.m.slice(0, count)) {
      if (point >= 0) stones.set(point, [color, number]);
      for (const dead of taken) stones.delete(dead);
    }
    return stones;
  };

  const draw = (game, count, many) => {
    const [left, bottom, right, top] = game.v;
    const columns = right - left, rows = top - bottom;
    const svg = document.createElementNS(NS, "svg");
    // Margins as in the printed drawing, so that nothing jumps: coordinates at an edge in sight, left and bottom first.
    const labelled = game.x.length > 0;
    const atRight = left !== 0 && right === game.w - 1, atTop = bottom !== 0 && top === game.h - 1;
    const margin = (here, real, wide) => CELL * (labelled && here ? wide : real ? 0.52 : 0.5);
    const west = margin(!atRight, left === 0, 1.24), east = margin(atRight, right === game.w - 1, 1.24);
    const south = margin(!atTop, bottom === 0, 1.12), north = margin(atTop, top === game.h - 1, 1.12);
    svg.setAttribute("viewBox", `${-west} ${-north} ${CELL * columns + west + east} ${CELL * rows + north + south}`);
    make("rect", { x: -2 * CELL, y: -2 * CELL, width: CELL * (columns + 4), height: CELL * (rows + 4), fill: "#f6e6c4" }, svg);
    const x = (point) => ((point % game.w) - left) * CELL;
    const y = (point) => (top - Math.floor(point / game.w)) * CELL;
    const shown = (point) => {
      const col = point % game.w, row = Math.floor(point / game.w);
      return col >= left && col <= right && row >= bottom && row <= top;
    };
    const cut = (real) => (real ? 0 : CELL / 2);
    const x0 = -cut(left === 0), x1 = columns * CELL + cut(right === game.w - 1);
    const y0 = -cut(top === game.h - 1), y1 = rows * CELL + cut(bottom === 0);
    let path = "";
    for (let i = 0; i <= columns; i++) path += `M${i * CELL} ${y0}V${y1}`;
    for (let i = 0; i <= rows; i++) path += `M${x0} ${i * CELL}H${x1}`;
    make("path", { d: path, stroke: "#000", "stroke-width": 0.5, fill: "none" }, svg);
    let edges = "";
    if (left === 0) edges += `M0 ${y0}V${y1}`;
    if (right === game.w - 1) edges += `M${columns * CELL} ${y0}V${y1}`;
    if (top === game.h - 1) edges += `M${x0} 0H${x1}`;
    if (bottom === 0) edges += `M${x0} ${rows * CELL}H${x1}`;
    make("path", { d: edges, stroke: "#000", "stroke-width": 1.2, "stroke-linecap": "square", fill: "none" }, svg);
    for (const col of stars(game.w)) for (const row of stars(game.h)) {
      const point = row * game.w + col;
      if (shown(point)) make("circle", { cx: x(point), cy: y(point), r: 2, fill: "#000" }, svg);
    }
    const label = (at, down, text) =>
      make("text", { x: at, y: down + 2.4, "font-size": text.length > 1 && text > "9" ? 5.6 : 6.6, "text-anchor": "middle" }, svg, text);
    game.x.forEach((text, i) => label(i * CELL, atTop ? -0.84 * CELL : (rows + 0.84) * CELL, text));
    game.y.forEach((text, i) => label(atRight ? (columns + 0.9) * CELL : -0.9 * CELL, (rows - i) * CELL, text));
    const stones = position(game, count);
    const last = count ? game.m[count - 1][1] : 0;
    for (const [point, [color, number]] of stones) {
      if (!shown(point)) continue;
      const ink = color ? "#000" : "#fff";
      make("circle", { cx: x(point), cy: y(point), r: CELL * 0.48, fill: color ? "#fff" : "#000", stroke: "#000", "stroke-width": 0.5 }, svg);
      if (number && (!many || number > last - 8)) {
        const size = String(number).length > 2 ? 8.4 : 10.5;
        make("text", { x: x(point), y: y(point) + size * 0.36, "font-size": size, "text-anchor": "middle", "font-weight": number === last ? 700 : 400, fill: ink }, svg, number);
      }
      if (number && number === last) make("circle", { cx: x(point), cy: y(point), r: CELL * 0.42, fill: "none", stroke: color ? "#b00" : "#f88", "stroke-width": 1.2 }, svg);
      if (!number && game.t.includes(point)) make("path", { d: `M${x(point)} ${y(point) - 5.5}l4.8 8.2h-9.6z`, fill: "none", stroke: ink, "stroke-width": 1 }, svg);
    }
    for (const [point, letter] of game.k) {
      if (stones.has(point) || !shown(point)) continue;
      make("circle", { cx: x(point), cy: y(point), r: CELL * 0.4, fill: "#f6e6c4" }, svg);
      make("text", { x: x(point), y: y(point) + 3.8, "font-size": 10.5, "text-anchor": "middle", "font-weight": 700 }, svg, letter);
    }
    return svg;
  };

  for (const figure of document.querySelectorAll("[data-replay]")) {
    const game = JSON.parse(figure.dataset.replay);
    const controls = figure.querySelector(".controls");
    const drawing = figure.querySelector(".drawing");
    const output = figure.querySelector("output");
    const slider = figure.querySelector("input");
    const total = game.m.length;
    const original = drawing.firstElementChild;
    let count = total;
    const show = (wanted) => {
      count = Math.max(0, Math.min(total, wanted));
      const finished = count === total && !slider;
      drawing.replaceChildren(finished ? original : draw(game, count, Boolean(slider)));
      output.textContent = `${count}/${total}`;
      if (slider) slider.value = count;
    };
    controls.addEventListener("click", (event) => {
      const step = event.target.dataset.step;
      if (step) show({ first: 0, back: count - 1, forward: count + 1, last: total }[step]);
    });
    drawing.addEventListener("click", (event) => {
      const box = drawing.getBoundingClientRect();
      show(event.clientX < box.left + box.width / 2 ? count - 1 : count + 1);
    });
    if (slider) {
      slider.max = total;
      slider.addEventListener("input", () => show(Number(slider.value)));
    }
    controls.hidden = false;
    show(total);
  }
})();
