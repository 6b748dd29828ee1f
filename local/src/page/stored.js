// What is stored: the outcome of the check, the counts, every item, the secrets.

import { check, scalars } from './check.js';
import { byId, el, keyed, setText } from './dom.js';
import { state, text } from './state.js';

const few = (words) => words.slice(0, 6).join(', ') + (words.length > 6 ? ' and more' : '');

function renderCheck() {
  const { words, found, explained } = check();
  const line = `${found.size} of ${words} words written are stored`;
  const bad = found.size > 0;
  const kind = bad ? 'bad' : 'good';
  byId('check').className = `check ${kind}`;
  setText(byId('check'), bad ? `${line}: ${few([...found.keys()])}` : line);
  const badge = byId('check-badge');
  badge.hidden = false;
  badge.className = `badge ${kind}`;
  setText(badge, line);
  renderExplained(explained);
}

function renderExplained(explained) {
  const box = byId('explained');
  box.hidden = explained.size === 0;
  const count = explained.size === 1 ? 'One of them is' : `${explained.size} of them are`;
  setText(box.querySelector('summary'), `${count} also a piece of an identifier or one of Tandem’s own words`);
  keyed(box.querySelector('ul'), [...explained], {
    key: ([word]) => word,
    sign: ([, places]) => [...places].join(),
    draw: ([word, places]) => el('li', { text: `${word}: in ${few([...places])}` }),
  });
}

function renderCounts() {
  const { waiting, inFlight, dead } = state.queue;
  const versions = state.secrets.reduce((sum, secret) => sum + secret.versions.length, 0);
  const counts = [
    ['Items', state.items.length], ['Secrets', state.secrets.length], ['Versions of them', versions],
    ['Waiting in the queue', waiting.length], ['In flight', inFlight.length], ['Dead letters', dead.length],
  ];
  keyed(byId('counts'), counts, {
    key: ([name]) => name,
    sign: ([, count]) => String(count),
    draw: ([name, count]) => el(
      'div', { class: name === 'Dead letters' && count > 0 ? 'bad' : '' },
      el('dt', { text: name }), el('dd', { text: String(count) }),
    ),
  });
}

const keyOf = (item) => `${text(item.pk)} ${text(item.sk)}`;

function renderItems() {
  const groups = new Map((state.inventory?.entities ?? []).map((it) => [it.entity, { declaration: it, items: [] }]));
  for (const item of state.items) {
    const entity = text(item.entity);
    if (!groups.has(entity)) groups.set(entity, { declaration: { entity, kept: 'not declared', attributes: [] }, items: [] });
    groups.get(entity).items.push(item);
  }
  keyed(byId('items'), [...groups.values()].filter((it) => it.items.length > 0), {
    key: (group) => group.declaration.entity,
    sign: () => 'stays',
    draw: drawGroup,
  });
  for (const section of byId('items').children) {
    const { items } = groups.get(section.dataset.entity);
    setText(section.querySelector('.count'), items.length === 1 ? '1 item' : `${items.length} items`);
    drawCards(section.querySelector('.cards'), items);
  }
}

const first = { time: true };

function drawGroup({ declaration }) {
  const { entity, kept, attributes } = declaration;
  const why = [...attributes].flatMap((it) => [
    el('dt', { class: 'mono', text: it.name }), el('dd', { text: `${it.what}; for: ${it.why}` }),
  ]);
  return el(
    'details', { class: 'entity', open: true, data: { entity } },
    el('summary', {}, el('span', { text: entity }), el('small', { class: 'count' }), el('small', { text: `kept ${kept}` })),
    el('details', { class: 'why' }, el('summary', { text: 'What each attribute is, and what for' }), el('dl', {}, ...why)),
    el('div', { class: 'cards' }),
  );
}

function drawCards(cards, items) {
  keyed(cards, [...items].sort((a, b) => keyOf(a).localeCompare(keyOf(b))), {
    key: keyOf,
    sign: (item) => JSON.stringify(item),
    draw: (item) => drawCard(item, !first.time),
  });
}

/** An item: its own attributes, then those of the table itself. */
function drawCard(item, fresh) {
  const common = new Set((state.inventory?.common ?? []).map((it) => it.name));
  const names = Object.keys(item).sort();
  const pair = (name) => el(
    'div', { class: common.has(name) ? 'common' : '' },
    el('dt', { text: name }), el('dd', {}, shown(item[name]), when(name, item[name])),
  );
  const [own, others] = [names.filter((name) => !common.has(name)), names.filter((name) => common.has(name))];
  return el('dl', { class: fresh ? 'card fresh' : 'card' }, ...[...own, ...others].map(pair));
}

function shown(value) {
  if (value.M) {
    const pairs = Object.entries(value.M).map(([name, inner]) => `${name} = ${scalars(inner).join(', ') || '(none)'}`);
    return pairs.join('; ') || '(nothing set)';
  }
  return scalars(value).join(', ') || '(none)';
}

/** A number that is a time, for people. */
function when(name, value) {
  const number = Number(value.N);
  const millis = name === 'ttl' ? number * 1000 : number;
  if (!value.N || millis < 1e12) return null;
  return el('small', { text: new Date(millis).toLocaleString([], { dateStyle: 'short', timeStyle: 'medium' }) });
}

function renderSecrets() {
  const rows = state.secrets.flatMap((secret) => secret.versions.map((version) => ({ secret, version })));
  keyed(byId('secrets'), rows, {
    key: ({ secret, version }) => `${secret.name} ${version.id}`,
    sign: (row) => JSON.stringify(row),
    draw: ({ secret, version }) => el(
      'tr', { class: first.time ? '' : 'fresh' },
      el('td', { text: secret.deleted_at ? `${secret.name} (deleted)` : secret.name }),
      el('td', { text: version.id }), el('td', { text: version.stages.join(', ') }),
      el('td', { text: `${version.size} bytes` }),
    ),
  });
}

export function renderStored() {
  renderCheck();
  renderCounts();
  renderItems();
  renderSecrets();
  first.time = false;
}
