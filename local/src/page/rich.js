// What people wrote, as elements: Jira's documents and Teams' HTML. Only elements named here are
// made, no attribute is taken over but the address of a link, and nothing is parsed in this document.

import { el } from './dom.js';

const SAFE = /^(https?:|mailto:)/i;

/** A link. One into a simulated site leads to its pane here, not out into the world. */
function link(href, children, hosts) {
  let url = null;
  try {
    url = new URL(href);
  } catch {
    // Not an address: its text stays.
  }
  if (!url || !SAFE.test(url.protocol)) return el('span', {}, ...children);
  if (hosts.includes(url.hostname)) return el('a', { href: '#jira', title: href }, ...children);
  if (url.hostname === 'teams.microsoft.com') return el('a', { href: '#teams', title: href }, ...children);
  return el('a', { href: url.href, target: '_blank', rel: 'noopener noreferrer' }, ...children);
}

const HTML = {
  P: 'p', BR: 'br', B: 'b', STRONG: 'strong', I: 'i', EM: 'em', U: 'u', S: 's', STRIKE: 's', DEL: 'del', SUB: 'sub',
  SUP: 'sup', CODE: 'code', PRE: 'pre', BLOCKQUOTE: 'blockquote', UL: 'ul', OL: 'ol', LI: 'li', HR: 'hr', DIV: 'div',
  H1: 'h4', H2: 'h4', H3: 'h4', H4: 'h4', H5: 'h4', H6: 'h4', TABLE: 'table', TBODY: 'tbody', THEAD: 'thead',
  TR: 'tr', TD: 'td', TH: 'th',
};
const DROPPED = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'IFRAME', 'OBJECT', 'NOSCRIPT', 'SVG', 'MATH', 'HEAD']);

function parsed(html) {
  return new DOMParser().parseFromString(html, 'text/html').body;
}

/** The HTML of a message as elements of this page. */
export function fromHtml(html, hosts) {
  return [...parsed(html).childNodes].flatMap((node) => copy(node, hosts));
}

function copy(node, hosts) {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.data)];
  if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.tagName.toUpperCase())) return [];
  const children = [...node.childNodes].flatMap((child) => copy(child, hosts));
  if (node.tagName === 'A') return [link(node.getAttribute('href') ?? '', children, hosts)];
  if (node.tagName === 'AT') return [el('span', { class: 'at' }, '@', ...children)];
  if (node.tagName === 'IMG') return [document.createTextNode(node.getAttribute('alt') ?? '')];
  const tag = HTML[node.tagName];
  return tag ? [el(tag, {}, ...children)] : children;
}

const BLOCKS = 'p, div, li, pre, blockquote, h1, h2, h3, h4, h5, h6, tr';

/** The text of a message, a line for each block. */
export function textOfHtml(html) {
  const body = parsed(html);
  for (const block of body.querySelectorAll(BLOCKS)) block.append('\n');
  for (const line of body.querySelectorAll('br')) line.replaceWith('\n');
  return body.textContent.trim();
}

/** The line with which Tandem ends a message it carried: a link to where it comes from. */
export function footerOf(html, hosts) {
  const last = parsed(html).lastElementChild;
  const href = last?.querySelector('a')?.getAttribute('href') ?? '';
  return URL.canParse(href) && hosts.includes(new URL(href).hostname) ? last.outerHTML : '';
}

/** What somebody typed, as Teams writes it. */
export function htmlOfText(text) {
  const escaped = (line) => line.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);
  return text.trim().split(/\n+/).map((line) => `<p>${escaped(line)}</p>`).join('');
}

const DOCUMENT = {
  paragraph: 'p', bulletList: 'ul', orderedList: 'ol', listItem: 'li', blockquote: 'blockquote', rule: 'hr',
  hardBreak: 'br', heading: 'h4', table: 'table', tableRow: 'tr', tableCell: 'td', tableHeader: 'th', panel: 'div',
};
const MARKS = { strong: 'strong', em: 'em', code: 'code', strike: 's', underline: 'u' };

/** An Atlassian document as elements of this page; kinds not known here become what is in them. */
export function fromDocument(node, hosts) {
  if (node.type === 'text') return [marked(node, hosts)];
  if (node.type === 'mention') return [el('span', { class: 'at', text: node.attrs?.text ?? '@' })];
  if (node.type === 'emoji') return [document.createTextNode(node.attrs?.text ?? node.attrs?.shortName ?? '')];
  if (node.type === 'inlineCard') return [link(node.attrs?.url ?? '', [node.attrs?.url ?? ''], hosts)];
  const children = (node.content ?? []).flatMap((child) => fromDocument(child, hosts));
  if (node.type === 'codeBlock') return [el('pre', {}, el('code', {}, ...children))];
  const tag = DOCUMENT[node.type];
  return tag ? [el(tag, {}, ...children)] : children;
}

function marked(node, hosts) {
  let shown = document.createTextNode(node.text);
  for (const mark of node.marks ?? []) {
    if (mark.type === 'link') shown = link(mark.attrs?.href ?? '', [shown], hosts);
    else if (MARKS[mark.type]) shown = el(MARKS[mark.type], {}, shown);
  }
  return shown;
}

const PARTS = new Set(['paragraph', 'heading', 'codeBlock', 'listItem', 'tableCell', 'tableHeader']);

/** The text of an Atlassian document, blocks parted by an empty line. */
export function textOfDocument(node) {
  if (!node) return '';
  if (node.type === 'text') return node.text;
  if (node.type === 'hardBreak') return '\n';
  const own = node.attrs?.text ?? '';
  const text = own + (node.content ?? []).map(textOfDocument).join('');
  return PARTS.has(node.type) ? `${text.trimEnd()}\n\n` : node.type === 'doc' ? text.trim() : text;
}
