// Making and refreshing elements. Text is always set as text.

/** An element. `props`: `class`, `text`, `on` (event -> listener), `data`; anything else is an
 * attribute, left out when it is null or false. */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'text') element.textContent = value;
    else if (name === 'class') element.className = value;
    else if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === 'data') Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

const drawn = new WeakMap();

/** Makes the children of `parent` one for each row, in their order. A child whose signature has not
 * changed is left alone, with its focus and what is typed in it. */
export function keyed(parent, rows, { key, sign, draw }) {
  const before = new Map();
  for (const child of parent.children) before.set(drawn.get(child)?.key, child);
  rows.forEach((row, index) => {
    const [name, signature] = [key(row), sign(row)];
    let child = before.get(name);
    before.delete(name);
    if (!child || drawn.get(child).signature !== signature) {
      const next = draw(row, child !== undefined);
      drawn.set(next, { key: name, signature });
      if (child) replace(child, next);
      child = next;
    }
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
  for (const child of before.values()) child.remove();
}

/** Puts `next` in the place of `child`; the focus stays on the control of the same name. */
function replace(child, next) {
  const focused = child.contains(document.activeElement) && document.activeElement.dataset.focus;
  child.replaceWith(next);
  if (focused) next.querySelector(`[data-focus="${focused}"]`)?.focus();
}

/** Fills a select with `[value, text]` pairs when they have changed, and keeps what is chosen. */
export function options(select, pairs, chosen = select.value) {
  const signature = JSON.stringify(pairs);
  if (drawn.get(select) !== signature) {
    drawn.set(select, signature);
    select.replaceChildren(...pairs.map(([value, text]) => el('option', { value, text })));
  }
  if (select.value !== chosen && pairs.some(([value]) => value === chosen)) select.value = chosen;
}

/** Sets a text, when it is another one: screen readers are told of changes only. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows or takes away the error line of a pane. */
export function showError(pane, text) {
  const line = [...pane.querySelectorAll('.error')].find((it) => it.closest('section, dialog, form.scope') === pane);
  if (!line) return;
  setText(line, text ?? '');
  line.hidden = !text;
}

/** Runs `deed`; where it fails, the pane says why. Gives whether it went well. */
export async function attempt(pane, deed) {
  try {
    await deed();
    showError(pane, null);
    return true;
  } catch (error) {
    showError(pane, error.message);
    return false;
  }
}

/** Does `deed` when the form is sent, once at a time: what is sent again meanwhile is passed over. */
export function onSubmit(form, deed) {
  let busy = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    try {
      await deed(event);
    } finally {
      busy = false;
    }
  });
}

/** A text box sends its form with Ctrl+Enter (or Cmd+Enter). */
export function sendsWithKeys(textarea) {
  textarea.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) textarea.form.requestSubmit();
  });
}

/** The initials of a name, as a picture that says nothing new. */
export function face(name) {
  const letters = name.split(/\s+/).map((word) => word[0] ?? '').join('').slice(0, 2).toUpperCase();
  return el('span', { class: 'face', 'aria-hidden': 'true', text: letters });
}

/** A time of day, with the date where it is not today's. `when`: milliseconds or a text. */
export function timeOf(when) {
  const date = new Date(typeof when === 'string' ? when.replace(/([+-]\d\d)(\d\d)$/, '$1:$2') : when);
  const today = date.toDateString() === new Date().toDateString();
  const text = today
    ? date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
  return el('time', { datetime: date.toISOString(), text });
}
