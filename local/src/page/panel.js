// The chats inside the issue, as the person signed in sees them: list, start, reply.

import { get } from './api.js';
import { change } from './account.js';
import { attempt, byId, el, face, keyed, onSubmit, sendsWithKeys, setText, showError, timeOf } from './dom.js';
import { fromHtml } from './rich.js';
import { choose, current, hosts, linked, members, state, withNames } from './state.js';

const pane = byId('panel');
const dialog = byId('chat-dialog');
const newChat = document.querySelectorAll('[data-new-chat]');

let chats = [];
/** What the list was read for: it is read again when anything of it has changed. */
let readFor = null;
let reading = false;

const pathOf = (found) => `/issues/${encodeURIComponent(found.issue.id)}/chats`;

/** The issue, when it is one of the site that the person is signed in to. */
function reachable() {
  const found = current();
  return found && state.session?.cloudId === found.site.cloudId ? found : null;
}

export async function renderPanel(refresh) {
  const found = reachable();
  for (const button of newChat) button.disabled = found === null;
  document.querySelector('[data-signed-out]').hidden = state.session !== null;
  renderNote(found);
  await readChats(found);
  keyed(byId('panel-chats'), found ? chats : [], {
    key: (chat) => chat.chatId,
    sign: (chat) => `${chat.member} ${chat.state}`,
    draw: (chat) => drawChat(chat, refresh),
  });
  for (const chat of found ? chats : []) {
    const list = byId('panel-chats').querySelector(`[data-chat="${CSS.escape(chat.chatId)}"]`);
    if (list) drawMessages(list, chat);
  }
}

function renderNote(found) {
  const note = byId('panel-note');
  const text = found
    ? (chats.length === 0 ? 'No chat yet. Start one with the people on this issue.' : '')
    : state.session
      ? 'This issue is on another Jira site than the one you are signed in to.'
      : 'Sign in to see the chats of this issue, to start one and to reply from here.';
  setText(note, text);
  note.hidden = text === '';
}

async function readChats(found) {
  const wanted = found && JSON.stringify([
    found.value, state.session.accountId, found.issue.remoteLinks.length, state.teams?.chats,
    state.items.filter((item) => item.entity.S === 'chat_link').map((item) => [item.chat_id.S, item.state?.S]),
  ]);
  if (!found) chats = [];
  if (reading || wanted === readFor) return;
  reading = true;
  readFor = wanted;
  if (found) {
    await attempt(pane, async () => { ({ chats } = await get(pathOf(found))); });
  } else {
    showError(pane, null);
  }
  reading = false;
  renderNote(found);
}

const STATES = {
  needs_sign_in: 'Nobody who could write in this chat is signed in: sign in again.',
  refused: 'Teams refuses to take messages of this issue.',
  issue_deleted: 'The issue was deleted.',
};

function drawChat(chat, refresh) {
  const by = withNames(chat.createdBy);
  const item = el(
    'div', { class: 'chat' },
    el('p', { class: 'note' }, `Started by ${by}, `, timeOf(chat.createdAt)),
    STATES[chat.state] ? el('p', { class: 'note strong', text: STATES[chat.state] }) : null,
  );
  if (!chat.member) {
    item.append(el('p', { class: 'note strong', text: 'You are not in this chat: you see that it is there, not what is in it.' }));
    return item;
  }
  item.append(el('ol', { class: 'talk', data: { chat: chat.chatId }, 'aria-label': 'Last messages' }), drawReply(chat, refresh));
  return item;
}

function drawMessages(list, chat) {
  keyed(list, (chat.messages ?? []).slice(-5), {
    key: (message) => message.messageId,
    sign: (message) => JSON.stringify(message),
    draw: (message) => el(
      'li', { class: 'said' },
      face(message.authorName ?? '?'),
      el('header', {}, el('b', { text: message.authorName ?? 'Somebody' }), timeOf(message.createdAt)),
      el('div', { class: 'prose' }, ...fromHtml(message.html, hosts())),
    ),
  });
}

function drawReply(chat, refresh) {
  const box = el('textarea', { rows: 2, required: true });
  sendsWithKeys(box);
  // One key for one text: sending it again after a failure cannot post it twice.
  let key = crypto.randomUUID();
  box.addEventListener('input', () => { key = crypto.randomUUID(); });
  const reply = async () => {
    const found = reachable();
    if (!found || !box.value.trim()) return;
    const path = `${pathOf(found)}/${encodeURIComponent(chat.chatId)}/messages`;
    const sent = await attempt(pane, async () => {
      try {
        await change('POST', path, { body: { text: box.value.trim() }, headers: { 'idempotency-key': key } });
      } catch (error) {
        if (error.code === 'outcome_unknown') key = crypto.randomUUID();
        throw error;
      }
    });
    if (sent) {
      box.value = '';
      key = crypto.randomUUID();
    }
    await refresh();
  };
  const form = el(
    'form', {}, el('label', { class: 'field' }, 'Reply in Teams, as yourself', box),
    el('div', { class: 'row' }, el('button', { text: 'Reply' })),
  );
  onSubmit(form, reply);
  return form;
}

let startKey = null;

function openDialog() {
  const { site, issue } = reachable();
  setText(byId('chat-dialog-issue'), issue.key);
  const others = members(site).filter((it) => it.accountId !== state.session.accountId);
  byId('chat-members-choice').replaceChildren(...others.map((person) => {
    const ready = linked(site.cloudId, person.accountId);
    const box = el('input', { type: 'checkbox', name: 'member', value: person.accountId });
    box.checked = ready;
    const hint = ready ? 'linked with Teams' : 'not linked: stays out until they sign in';
    return el('label', { class: 'choice' }, box, el('span', {}, person.displayName, el('small', { text: hint })));
  }));
  showError(dialog, null);
  setText(byId('panel-done'), '');
  startKey = crypto.randomUUID();
  dialog.showModal();
}

async function start(refresh) {
  const found = reachable();
  const form = dialog.querySelector('form');
  const chosen = [...form.querySelectorAll('[name=member]:checked')].map((box) => box.value);
  if (!found) return;
  if (chosen.length === 0) {
    showError(dialog, 'Choose at least one person.');
    return;
  }
  const started = await attempt(dialog, async () => {
    try {
      const body = { members: chosen, topic: form.elements.topic.value };
      const { json } = await change('POST', pathOf(found), { body, headers: { 'idempotency-key': startKey } });
      choose('chat', json.chatId);
      setText(byId('panel-done'), outcome(json));
    } catch (error) {
      throw new Error(withNames(error.message));
    }
  });
  if (started) dialog.close();
  await refresh();
}

function outcome(answer) {
  const said = ['The chat is there.'];
  if (answer.unlinked.length > 0) {
    said.push(`Not in it, as they have not linked their accounts: ${withNames(answer.unlinked.join(', '))}.`);
  }
  if (!answer.listening) said.push('Replies in it will reach the issue a little later.');
  return said.join(' ');
}

export function startPanel(refresh) {
  for (const button of newChat) button.addEventListener('click', openDialog);
  byId('chat-cancel').addEventListener('click', () => dialog.close());
  dialog.addEventListener('change', () => { startKey = crypto.randomUUID(); });
  onSubmit(dialog.querySelector('form'), () => start(refresh));
}
