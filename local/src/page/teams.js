// The chats of the issue, as one of the people at Microsoft sees them.

import { act } from './api.js';
import { attempt, byId, el, keyed, onSubmit, options, sendsWithKeys, setText } from './dom.js';
import { footerOf, fromHtml, htmlOfText, textOfHtml } from './rich.js';
import { drawEditor, drawSaid } from './said.js';
import { chatOf, chatsOf, choose, current, hosts, microsoftUsers, state, view } from './state.js';

const pane = byId('teams');
let editing = null;

function actor() {
  const people = microsoftUsers();
  const wanted = view.teamsActor || state.session?.objectId;
  return people.find((it) => it.id === wanted) ?? people[0] ?? null;
}

const titleOf = (chat) => chat.topic ?? `Chat of ${namesOf(chat)}`;
const namesOf = (chat) => chat.members.map((it) => it.displayName).join(', ');

/** `again`: `render` shows what is known once more, `refresh` reads first. */
export function renderTeams(again) {
  const who = actor();
  const found = current();
  const chat = chatOf(found);
  options(byId('teams-actor'), microsoftUsers().map((it) => [it.id, it.displayName]), who?.id);
  byId('teams-empty').hidden = chat !== null || found === null;
  byId('teams-body').hidden = chat === null || who === null;
  if (!chat || !who) return;
  options(byId('chat'), chatsOf(found).map((it) => [it.id, titleOf(it)]), chat.id);
  setText(byId('chat-members'), `Members: ${namesOf(chat)}`);
  setText(pane.querySelector('[data-actor=teams]'), who.displayName);
  const inside = chat.members.some((it) => it.userId === who.id);
  const outside = byId('chat-outside');
  outside.hidden = inside;
  setText(outside, inside ? '' : `${who.displayName} is not in this chat and cannot see it.`);
  byId('messages-log').hidden = !inside;
  byId('message-form').hidden = !inside;
  if (inside) renderMessages(chat, who, again);
}

/** Whether the page has shown this chat before: what is new in it is pointed out. */
let seen = null;

function renderMessages(chat, who, again) {
  const [list, log] = [byId('messages'), byId('messages-log')];
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40 || seen !== chat.id;
  const last = chat.messages.at(-1)?.id;
  const grown = list.dataset.last !== last;
  const pointOut = seen === chat.id;
  keyed(list, chat.messages, {
    key: (message) => message.id,
    sign: (message) => (editing === message.id ? 'editing' : JSON.stringify([message, who.id])),
    draw: (message, known) => {
      const item = drawMessage(chat, message, who, again);
      if (!known && pointOut) item.classList.add('fresh');
      return item;
    },
  });
  seen = chat.id;
  list.dataset.last = last;
  if (atEnd && grown) log.scrollTop = log.scrollHeight;
}

function drawMessage(chat, message, who, { render, refresh }) {
  const author = message.from?.user;
  if (!author) return el('li', { class: 'system', text: eventOf(message, chat) });
  if (message.deletedDateTime) {
    return el('li', { class: 'system', text: `${author.displayName} deleted a message.` });
  }
  const mine = author.id === who.id;
  const { contentType, content } = message.body;
  const said = {
    kind: 'message', author: author.displayName, when: message.createdDateTime, mine,
    edited: message.lastEditedDateTime !== null, tags: [], may: [mine, mine],
    body: contentType === 'html' ? fromHtml(content, hosts()) : [el('p', { text: content })],
  };
  const deed = (action, more) => act('teams', {
    as: who.id, tenantId: who.tenantId, action, chatId: chat.id, messageId: message.id, ...more,
  });
  const stop = () => { editing = null; render(); refresh(); };
  if (editing === message.id) {
    const footer = contentType === 'html' ? footerOf(content, hosts()) : '';
    const text = contentType === 'html' ? textOfHtml(content.replace(footer, '')) : content;
    const save = (next) => deed('edit', { html: htmlOfText(next) + footer });
    return drawEditor(said, { pane, close: stop, text, save });
  }
  return drawSaid(said, {
    edit: () => {
      editing = message.id;
      render();
      byId('messages').querySelector('textarea')?.focus();
    },
    remove: async () => {
      await attempt(pane, () => deed('delete'));
      refresh();
    },
  });
}

/** What a message of the system says. */
function eventOf(message, chat) {
  const detail = message.eventDetail ?? {};
  const people = (detail.members ?? []).map((it) => it.displayName
    ?? chat.members.find((member) => member.userId === it.id)?.displayName ?? 'Somebody').join(', ');
  const kind = String(detail['@odata.type'] ?? '');
  if (kind.includes('membersAdded')) return `${people} joined the chat.`;
  if (kind.includes('membersDeleted')) return `${people} left the chat.`;
  if (kind.includes('chatRenamed')) return 'The chat was renamed.';
  return 'The chat changed.';
}

/** Lets the forms of the pane work. */
export function startTeams({ render, refresh }) {
  byId('chat').addEventListener('change', (event) => {
    choose('chat', event.target.value);
    editing = null;
    render();
  });
  byId('teams-actor').addEventListener('change', (event) => {
    choose('teamsActor', event.target.value);
    editing = null;
    render();
  });
  sendsWithKeys(byId('message-text'));
  onSubmit(byId('message-form'), async () => {
    const box = byId('message-text');
    const [chat, who] = [chatOf(current()), actor()];
    if (!box.value.trim() || !chat || !who) return;
    const html = htmlOfText(box.value);
    const sent = await attempt(pane, () => act('teams', {
      as: who.id, tenantId: who.tenantId, action: 'send', chatId: chat.id, html,
    }));
    if (sent) box.value = '';
    refresh();
  });
}
