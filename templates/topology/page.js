// @ts-check
// The page of `kvmnet topology -o html`: zoom, search, and the details of what is selected. The address of the page ends in what is selected.
// Guests choose names: all text is inserted as textContent.
'use strict';
{
  /** @typedef {{ status: string, problem?: string, addresses: string[], facts: string[] }} Part */
  /** @typedef {Part & { id: string, kind: string, name: string }} Device */
  /** @typedef {Part & { from: string, to: string, kind: string, label?: string }} Edge */
  /** @typedef {{ box: SVGGElement, device: Device, x: number, y: number, edges: { edge: Edge, other: Drawn }[], lines: Element[], texts: string[] }} Drawn */

  /**
   * @template {Element} T
   * @param {string} id
   * @param {new () => T} type
   * @returns {T}
   */
  const byId = (id, type) => {
    const element = document.getElementById(id);
    if (element instanceof type) return element;
    throw new TypeError(`the page has no ${id}`);
  };

  /** @type {{ nodes: Device[], edges: Edge[] }} */
  const topology = JSON.parse(byId('topology', HTMLScriptElement).text);
  const drawing = byId('drawing', HTMLElement);
  const details = byId('details', HTMLElement);
  const close = byId('close', HTMLButtonElement);
  const query = byId('query', HTMLInputElement);
  const found = byId('found', HTMLOutputElement);
  const svg = /** @type {SVGSVGElement} */ (drawing.querySelector('svg'));

  const words = /** @type {Record<string, string>} */ ({
    ...{
      nic: 'NIC',
      bond: 'bond',
      vlan: 'VLAN device',
      macvlan: 'macvlan device',
      bridge: 'bridge',
      network: 'network',
    },
    ...{ namespace: 'network namespace', vm: 'VM', up: 'up', off: 'off', broken: 'broken' },
    ...{ link: 'connected to', routed: 'routed to', forward: 'ports forwarded to' },
  });

  // What is drawn

  /** @type {Map<string, Drawn>} */
  const drawn = new Map();
  const boxes = new Map([...svg.querySelectorAll('g')].map((box) => [box.dataset['id'], box]));
  for (const device of topology.nodes) {
    const box = boxes.get(device.id);
    const rect = box?.querySelector('rect');
    if (!box || !rect) continue;
    const [x, y] = [rect.x.baseVal.value, rect.y.baseVal.value];
    drawn.set(device.id, {
      box,
      device,
      x,
      y,
      edges: [],
      lines: [],
      texts: [device.kind, device.name, ...textsOf(device)],
    });
    box.setAttribute('role', 'button');
    box.setAttribute('tabindex', '-1');
    box.setAttribute(
      'aria-label',
      [device.name, words[device.kind], device.status === 'up' ? '' : device.status, device.problem]
        .filter(Boolean)
        .join(', '),
    );
  }
  for (const edge of topology.edges) {
    const [from, to] = [drawn.get(edge.from), drawn.get(edge.to)];
    if (!from || !to) continue;
    from.edges.push({ edge, other: to });
    to.edges.push({ edge, other: from });
    // A NIC is its guest's, and a VLAN ID its device's: what an edge knows belongs to its upper end.
    to.texts.push(edge.label ?? '', ...textsOf(edge));
  }
  for (const line of svg.querySelectorAll('g')) {
    for (const end of [line.dataset['from'], line.dataset['to']]) drawn.get(end ?? '')?.lines.push(line);
  }

  /** @param {Part} part */
  function textsOf({ problem = '', addresses, facts }) {
    return [problem, ...addresses, ...facts];
  }

  // Zoom

  const size = { width: svg.width.baseVal.value, height: svg.height.baseVal.value };
  let scale = 1;

  /**
   * Keeps the point of the drawing that is at this place of the window.
   * @param {number} wanted
   * @param {{ x: number, y: number }} [at]
   */
  function zoom(wanted, at) {
    const area = drawing.getBoundingClientRect();
    const { x, y } = at ?? { x: area.left + area.width / 2, y: area.top + area.height / 2 };
    const before = svg.getBoundingClientRect();
    const [partX, partY] = [(x - before.left) / before.width, (y - before.top) / before.height];
    scale = Math.min(4, Math.max(0.02, wanted));
    svg.style.width = `${size.width * scale}px`;
    svg.style.height = `${size.height * scale}px`;
    const after = svg.getBoundingClientRect();
    drawing.scrollBy(after.left + partX * after.width - x, after.top + partY * after.height - y);
  }

  function fit() {
    zoom(Math.min(1, drawing.clientWidth / size.width, drawing.clientHeight / size.height));
  }

  byId('smaller', HTMLButtonElement).addEventListener('click', () => zoom(scale / 1.25));
  byId('larger', HTMLButtonElement).addEventListener('click', () => zoom(scale * 1.25));
  byId('fit', HTMLButtonElement).addEventListener('click', fit);
  drawing.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(scale * Math.exp(-event.deltaY / 500), { x: event.clientX, y: event.clientY });
    },
    { passive: false },
  );

  // Moving the drawing by the mouse; fingers scroll it, as any page

  /** @type {{ x: number, y: number, hasMoved: boolean } | undefined} */
  let grip;
  drawing.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'mouse' && event.button === 0)
      grip = { x: event.clientX, y: event.clientY, hasMoved: false };
  });
  addEventListener('pointermove', (event) => {
    if (!grip) return;
    const [byX, byY] = [event.clientX - grip.x, event.clientY - grip.y];
    if (!grip.hasMoved && Math.hypot(byX, byY) < 4) return;
    drawing.scrollBy(-byX, -byY);
    drawing.classList.add('moves');
    grip = { x: event.clientX, y: event.clientY, hasMoved: true };
  });
  addEventListener('pointerup', () => {
    drawing.classList.remove('moves');
    // A click follows, which is none if the drawing was moved.
    setTimeout(() => (grip = undefined));
  });

  // Selection

  /** @type {Drawn | undefined} */
  let selected;
  /** The one box that the Tab key reaches. */
  let stop = [...drawn.values()][0];
  stop?.box.setAttribute('tabindex', '0');

  /** @param {Drawn} one */
  function makeStop(one) {
    stop?.box.setAttribute('tabindex', '-1');
    one.box.setAttribute('tabindex', '0');
    stop = one;
  }

  /** @param {Drawn} one */
  function focus(one) {
    makeStop(one);
    one.box.focus({ preventScroll: true });
    reveal(one);
  }

  /** @param {Drawn} one */
  function reveal({ box }) {
    const [area, own] = [drawing.getBoundingClientRect(), box.getBoundingClientRect()];
    const margin = 24;
    /** @type {(low: number, high: number, ownLow: number, ownHigh: number) => number} */
    const outside = (low, high, ownLow, ownHigh) =>
      ownLow < low + margin || ownHigh > high - margin ? (ownLow + ownHigh - low - high) / 2 : 0;
    drawing.scrollBy(
      outside(area.left, area.right, own.left, own.right),
      outside(area.top, area.bottom, own.top, own.bottom),
    );
  }

  /** @param {Device} device */
  const linkTo = ({ id }) => `#${encodeURIComponent(id).replaceAll('%3A', ':')}`;

  /** What the address of the page names; undefined where it names nothing. */
  function wanted() {
    try {
      return decodeURIComponent(location.hash.slice(1)) || undefined;
    } catch {
      return location.hash;
    }
  }

  /** @param {Drawn | undefined} one */
  function select(one) {
    const link = one ? linkTo(one.device) : '';
    if (location.hash !== link) location.hash = link;
    else show();
  }

  /** Shows what the address of the page names. */
  function show() {
    const id = wanted();
    const hadFocus = details.contains(document.activeElement) || document.activeElement === close;
    for (const line of selected?.lines ?? []) line.classList.remove('touched');
    selected?.box.classList.remove('selected');
    selected?.box.removeAttribute('aria-current');
    selected = drawn.get(id ?? '');
    close.hidden = id === undefined;
    details.replaceChildren(
      ...(selected ? describe(selected) : id === undefined ? summary() : [make('p', `This drawing has no ${id}.`)]),
    );
    if (selected) {
      selected.box.classList.add('selected');
      selected.box.setAttribute('aria-current', 'true');
      for (const line of selected.lines) line.classList.add('touched');
      makeStop(selected);
      reveal(selected);
    }
    if (hadFocus) stop?.box.focus({ preventScroll: true });
  }

  addEventListener('hashchange', show);
  close.addEventListener('click', () => select(undefined));
  drawing.addEventListener('click', ({ target }) => {
    if (grip?.hasMoved) return;
    const box = target instanceof Element ? target.closest('g') : null;
    const one = drawn.get(box?.dataset['id'] ?? '');
    if (one) select(one);
  });

  // Details

  /**
   * @param {string} name
   * @param {string} text
   * @param {string} [className]
   */
  function make(name, text, className = '') {
    const element = document.createElement(name);
    element.textContent = text;
    element.className = className;
    return element;
  }

  /** @param {(string | Node)[][]} items */
  function list(items) {
    const all = document.createElement('ul');
    for (const parts of items) {
      const item = document.createElement('li');
      item.append(...parts);
      all.append(item);
    }
    return all;
  }

  /** @param {Device} device */
  function link(device) {
    const anchor = document.createElement('a');
    anchor.href = linkTo(device);
    anchor.textContent = device.name;
    return anchor;
  }

  /** @param {Drawn} one */
  function describe({ device, edges }) {
    const texts = [...device.addresses, ...device.facts];
    const ends = edges.map(({ edge, other }) => {
      const known = [edge.label, ...edge.addresses, ...edge.facts, edge.status === 'off' ? 'off' : '']
        .filter(Boolean)
        .join(', ');
      const how = edge.kind === 'link' ? '' : edge.to === device.id ? `${edge.kind} from ` : `${words[edge.kind]} `;
      return [
        how,
        link(other.device),
        known && `: ${known}`,
        ...(edge.problem === undefined ? [] : [make('div', edge.problem, 'problem')]),
      ];
    });
    return [
      make('h2', device.name),
      make('p', `${words[device.kind]}, ${words[device.status]}`),
      ...(device.problem === undefined ? [] : [make('p', device.problem, 'problem')]),
      ...(texts.length === 0 ? [] : [list(texts.map((text) => [text]))]),
      ...(ends.length === 0 ? [] : [make('h3', 'Connections'), list(ends)]),
    ];
  }

  /** The problems, and the number of devices of each kind. */
  function summary() {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const { kind } of topology.nodes) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const problems = [...drawn.values()].flatMap(({ device, edges }) => [
      ...(device.problem === undefined ? [] : [[link(device), ` ${device.problem}`]]),
      ...edges.flatMap(({ edge }) =>
        edge.problem === undefined || edge.to !== device.id ? [] : [[link(device), `: ${edge.problem}`]],
      ),
    ]);
    return [
      make(
        'h2',
        problems.length === 0 ? 'No problems' : problems.length === 1 ? '1 problem' : `${problems.length} problems`,
      ),
      ...(problems.length === 0 ? [] : [list(problems)]),
      make('h3', 'Devices'),
      list([...counts].map(([kind, count]) => [`${count} ${words[kind]}${count === 1 ? '' : 's'}`])),
    ];
  }

  // Search

  /** @type {Drawn[]} */
  let matches = [];
  let place = -1;

  /** Whether a text has the words; a VLAN has to be that one: `VLAN 1` is not in `VLAN 10`. */
  function matcher() {
    const text = query.value.trim().toLowerCase();
    const vlan = /^vlan ?(\d+)$/.exec(text)?.[1];
    if (vlan === undefined) return (/** @type {string} */ each) => each.toLowerCase().includes(text);
    const pattern = new RegExp(`\\bvlans?\\b.*\\b${vlan}\\b`, 'i');
    return (/** @type {string} */ each) => pattern.test(each);
  }

  function search() {
    const isEmpty = query.value.trim() === '';
    const isMatch = matcher();
    place = -1;
    matches = [...drawn.values()].filter(({ texts }) => !isEmpty && texts.some(isMatch));
    drawing.classList.toggle('searched', !isEmpty);
    const kept = new Set(matches);
    for (const one of drawn.values()) one.box.classList.toggle('unmatched', !isEmpty && !kept.has(one));
    found.textContent = isEmpty
      ? ''
      : matches.length === 0
        ? 'no match'
        : matches.length === 1
          ? '1 match'
          : `${matches.length} matches`;
    if (matches[0]) reveal(matches[0]);
  }

  /** @param {number} by */
  function nextMatch(by) {
    place = (place + by + matches.length) % matches.length;
    const one = matches[place];
    if (!one) return;
    found.textContent = `${place + 1} of ${matches.length}: ${one.device.name}`;
    select(one);
  }

  query.addEventListener('input', search);
  byId('search', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
  query.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') nextMatch(event.shiftKey ? -1 : 1);
    if (event.key !== 'Escape' || query.value === '') return;
    event.stopPropagation();
    query.value = '';
    search();
  });

  // Keys

  const column = (/** @type {Drawn} */ { x }) =>
    [...drawn.values()].filter((other) => other.x === x).sort((a, b) => a.y - b.y);

  /**
   * The nearest one that is connected on this side, or else in the next column.
   * @param {Drawn} one
   * @param {number} side -1 to the left, 1 to the right
   */
  function beside(one, side) {
    /** @type {(candidates: Drawn[]) => Drawn | undefined} */
    const nearest = (candidates) => {
      const there = candidates.filter(({ x }) => (x - one.x) * side > 0);
      const distance = Math.min(...there.map(({ x }) => Math.abs(x - one.x)));
      const next = there.filter(({ x }) => Math.abs(x - one.x) === distance);
      return next.sort((a, b) => Math.abs(a.y - one.y) - Math.abs(b.y - one.y))[0];
    };
    return nearest(one.edges.map(({ other }) => other)) ?? nearest([...drawn.values()]);
  }

  /** @type {Record<string, (one: Drawn) => Drawn | undefined>} */
  const moves = {
    ArrowLeft: (one) => beside(one, -1),
    ArrowRight: (one) => beside(one, 1),
    ArrowUp: (one) => column(one)[column(one).indexOf(one) - 1],
    ArrowDown: (one) => column(one)[column(one).indexOf(one) + 1],
    Home: (one) => column(one)[0],
    End: (one) => column(one).at(-1),
  };

  drawing.addEventListener('keydown', (event) => {
    const box = event.target instanceof SVGGElement ? event.target : undefined;
    const one = drawn.get(box?.dataset['id'] ?? '');
    if (!one || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Enter' || event.key === ' ') select(one);
    else if (moves[event.key]) focus(moves[event.key]?.(one) ?? one);
    else return;
    event.preventDefault();
  });

  /** @type {Record<string, () => void>} */
  const keys = {
    Escape: () => select(undefined),
    '/': () => query.focus(),
    '+': () => zoom(scale * 1.25),
    '-': () => zoom(scale / 1.25),
    0: fit,
  };

  addEventListener('keydown', (event) => {
    const action = keys[event.key];
    const isTyping = event.target === query && event.key !== 'Escape';
    if (!action || isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    action();
  });

  // Light and dark

  const dark = byId('dark', HTMLStyleElement);
  const scheme = byId('scheme', HTMLButtonElement);
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  const showScheme = (/** @type {boolean} */ isDark) => scheme.setAttribute('aria-pressed', String(isDark));
  showScheme(prefersDark.matches);
  prefersDark.addEventListener('change', ({ matches: isDark }) => {
    if (dark.media.includes('prefers')) showScheme(isDark);
  });
  scheme.addEventListener('click', () => {
    const isDark = scheme.getAttribute('aria-pressed') !== 'true';
    dark.media = isDark ? 'screen' : 'not all';
    showScheme(isDark);
  });

  // Names can be read at first, also on a host with many guests.
  zoom(Math.min(1, Math.max(0.6, drawing.clientWidth / size.width)));
  show();
}
