// One thing that somebody said: a comment or a message, with its editor.

import { attempt, el, face, onSubmit, sendsWithKeys, timeOf } from './dom.js';

/** `said`: `author`, `when`, `edited`, `mine`, `tags` (text and class), `body` (elements), `may` (may be
 * changed, may be deleted). `deeds`: `edit`, `remove`. */
export function drawSaid(said, deeds) {
  const [mayEdit, mayRemove] = said.may;
  const whose = said.mine ? 'your' : `${said.author}’s`;
  const button = (name, label, deed) => el('button', {
    type: 'button', class: 'quiet small', text: label, data: { focus: name }, on: { click: deed },
    'aria-label': `${label} ${whose} ${said.kind}`,
  });
  return el(
    'li', { class: said.mine ? 'said mine' : 'said' },
    face(said.author),
    el(
      'header', {}, el('b', { text: said.author }), timeOf(said.when),
      said.edited ? el('span', { class: 'tag', text: 'edited' }) : null,
      ...said.tags.map(([text, kind]) => el('span', { class: `tag ${kind}`, text })),
    ),
    el('div', { class: 'prose' }, ...said.body),
    mayEdit || mayRemove
      ? el(
        'div', { class: 'row' },
        mayEdit ? button('edit', 'Edit', deeds.edit) : null,
        mayRemove ? button('remove', 'Delete', deeds.remove) : null,
      )
      : null,
  );
}

/** The same while it is being edited. `save` gets the new text; `close` ends it. */
export function drawEditor(said, { text, save, close, pane }) {
  const box = el('textarea', { rows: 3, required: true, 'aria-label': `Your ${said.kind}`, data: { focus: 'edit' } });
  box.value = text;
  sendsWithKeys(box);
  const form = el(
    'form', { on: { keydown: (event) => { if (event.key === 'Escape') close(); } } },
    box,
    el(
      'div', { class: 'row' }, el('button', { text: 'Save' }),
      el('button', { type: 'button', class: 'quiet', text: 'Cancel', on: { click: close } }),
    ),
  );
  onSubmit(form, async () => {
    if (await attempt(pane, () => save(box.value))) close();
  });
  return el('li', { class: 'said mine' }, face(said.author), el('header', {}, el('b', { text: said.author })), form);
}
