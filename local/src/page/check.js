// Whether a word that somebody wrote lies anywhere in what is stored: found out in the browser.

import { textOfDocument, textOfHtml } from './rich.js';
import { hosts, issues, state, text } from './state.js';
import { IDENTIFIER, OWN } from './words.js';

/** Words of four letters or more, as they were written since the page was opened. What was changed
 * or deleted since stays among them. */
const written = new Set();
const taken = new Set();

function take(said) {
  if (!said || taken.has(said)) return;
  taken.add(said);
  for (const word of said.normalize('NFC').toLowerCase().match(/\p{L}{4,}/gu) ?? []) written.add(word);
}

/** Adds what was written since the last time. */
function gather() {
  for (const user of state.jira?.users ?? []) take(user.displayName);
  for (const { issue } of issues()) {
    take(issue.summary);
    take(issue.description);
    for (const comment of issue.comments) take(textOfDocument(comment.body));
  }
  for (const user of state.teams?.users ?? []) take(user.displayName);
  for (const chat of state.teams?.chats ?? []) {
    take(chat.topic);
    for (const message of chat.messages) take(textOfHtml(message.body.content));
  }
}

/** The text of a DynamoDB value: one for each scalar in it, names of maps too. */
export function scalars(value) {
  const [[kind, held]] = Object.entries(value);
  if (kind === 'M') return Object.entries(held).flatMap(([name, inner]) => [name, ...scalars(inner)]);
  if (kind === 'L') return held.flatMap(scalars);
  if (Array.isArray(held)) return held.map(String);
  return [String(held)];
}

/** Everything stored, each text with the place where it lies. */
function stored() {
  const all = [];
  for (const item of state.items) {
    for (const [name, value] of Object.entries(item)) {
      const place = `${text(item.entity)}.${name}`;
      if (!declared(text(item.entity), name)) all.push([place, name]);
      for (const scalar of scalars(value)) all.push([place, scalar]);
    }
  }
  for (const secret of state.secrets) all.push(['the name of a secret', secret.name]);
  for (const message of [...state.queue.waiting, ...state.queue.inFlight, ...state.queue.dead]) {
    for (const part of [message.group, message.dedup, message.body]) all.push(['a message on the queue', part]);
  }
  return all;
}

function declared(entity, name) {
  const { entities, common } = state.inventory ?? { entities: [], common: [] };
  const own = entities.find((it) => it.entity === entity)?.attributes ?? [];
  return [...own, ...common].some((it) => it.name === name);
}

/** Words that Tandem writes by itself. */
function ownWords() {
  const own = new Set([...OWN, ...hosts()]);
  for (const { entity } of state.inventory?.entities ?? []) own.add(entity);
  for (const { name, values } of state.inventory?.settings ?? []) [name, ...(values.of ?? [])].forEach((it) => own.add(it));
  return own;
}

/** The parts of a stored text: keys are joined with `#`, secrets' names with `/`; what waits in the
 * queue is JSON. */
function partsOf(scalar) {
  if (!scalar.startsWith('{')) return scalar.split(/[#/]/);
  return Object.values(JSON.parse(scalar)).flatMap((it) => (Array.isArray(it) ? it : [it])).map(String);
}

/** Counts, and names what was found: `found` are words stored as somebody wrote them, `explained` those
 * that are a piece of an identifier or one of Tandem's own words, with their places. */
export function check() {
  gather();
  const own = ownWords();
  const places = stored().map(([place, scalar]) => ({ place, scalar, lower: scalar.normalize('NFC').toLowerCase() }));
  const all = places.map((it) => it.lower).join('\n');
  const [found, explained] = [new Map(), new Map()];
  for (const word of [...written].filter((it) => all.includes(it))) {
    for (const { place, scalar, lower } of places) {
      if (!lower.includes(word)) continue;
      const harmless = partsOf(scalar)
        .filter((part) => part.toLowerCase().includes(word))
        .every((part) => own.has(part) || IDENTIFIER.test(part));
      const into = harmless ? explained : found;
      into.set(word, (into.get(word) ?? new Set()).add(place));
    }
  }
  return { words: written.size, found, explained };
}
