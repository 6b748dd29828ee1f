// The settings of the site, the project and the person: forms made from the catalogue.

import { call, get } from './api.js';
import { change, readLook } from './account.js';
import { attempt, byId, el, onSubmit, setText, showError } from './dom.js';
import { current, state } from './state.js';

const pane = byId('settings');

/** Whose forms are shown; they are made anew for another person or project only, so that nothing
 * chosen in them is lost. */
let shownFor = null;

const SCOPES = [
  ['instance', 'The whole Jira site', () => '/settings/instance', 'for its administrators to change'],
  ['project', 'This project', (project) => `/settings/projects/${encodeURIComponent(project.id)}`, 'for its administrators to change'],
  ['user', 'Me', () => '/settings/users/me', 'for me alone'],
];

export async function renderSettings() {
  const { session } = state;
  const found = current();
  const project = found && session && found.site.cloudId === session.cloudId ? found.project : null;
  const wanted = session && `${session.accountId} ${session.cloudId} ${project?.id ?? ''}`;
  if (wanted === shownFor) return;
  shownFor = wanted;
  setText(byId('settings-note'), session
    ? 'The nearest one that is set holds: mine before the project’s before the site’s.'
    : 'Sign in to see and change them.');
  byId('settings-forms').replaceChildren();
  if (!session) {
    showError(pane, null);
    return;
  }
  await attempt(pane, async () => {
    const { settings: catalogue } = await get('/settings/catalogue');
    const scopes = SCOPES.filter(([scope]) => scope !== 'project' || project);
    const forms = scopes.map(([scope, title, path, whose]) => new ScopeForm({
      scope, whose, path: path(project), project, catalogue,
      title: scope === 'project' ? `${title}: ${project.name}` : title,
    }));
    await Promise.all(forms.map((form) => form.read()));
    if (shownFor === wanted) byId('settings-forms').replaceChildren(...forms.map((form) => form.element));
  });
}

/** The forms that are shown, by their elements. */
const made = new WeakMap();
const shownForms = () => [...byId('settings-forms').children].map((element) => made.get(element));

/** One scope: what is set in it, and the version that was read. */
class ScopeForm {
  constructor({ scope, title, whose, path, project, catalogue }) {
    Object.assign(this, { path, project, etag: null });
    this.fields = catalogue
      .filter((definition) => definition.scopes.includes(scope))
      .map((definition) => new Field(definition));
    this.done = el('p', { class: 'done', role: 'status' });
    const again = el('button', { type: 'button', class: 'quiet', text: 'Read again', on: { click: () => this.again() } });
    const unset = el('button', { type: 'button', class: 'quiet', text: 'Unset all', on: { click: () => this.write('DELETE') } });
    this.element = el(
      'form', { class: 'scope', 'aria-label': title },
      el('h3', { text: title }), el('p', { class: 'note', text: whose }),
      ...this.fields.map((field) => field.element),
      el('div', { class: 'row' }, el('button', { text: 'Save' }), unset, again),
      this.done, el('p', { class: 'error', role: 'alert', hidden: true }),
    );
    onSubmit(this.element, () => this.write('PUT'));
    made.set(this.element, this);
  }

  async read() {
    this.take(await call('GET', this.path));
    await this.readEffective();
  }

  async again() {
    setText(this.done, '');
    if (await attempt(this.element, () => this.read())) setText(this.done, 'Read again.');
  }

  take({ json, etag }) {
    this.etag = etag;
    for (const field of this.fields) field.show(json.values[field.name]);
  }

  async readEffective() {
    const query = this.project ? `?project=${encodeURIComponent(this.project.id)}` : '';
    const { settings } = await get(`/settings/effective${query}`);
    for (const field of this.fields) field.holds(settings[field.name]);
  }

  async write(method) {
    setText(this.done, '');
    const values = Object.fromEntries(this.fields.map((it) => [it.name, it.value()]).filter(([, value]) => value !== undefined));
    const wrote = await attempt(this.element, async () => {
      const headers = this.etag ? { 'if-match': this.etag } : {};
      this.take(await change(method, this.path, { headers, body: method === 'PUT' ? values : undefined }));
      await readLook();
    });
    if (!wrote) return;
    setText(this.done, method === 'PUT' ? 'Saved.' : 'Nothing is set here any more.');
    for (const form of shownForms()) await form.readEffective().catch(() => {});
  }
}

const told = (value) => (Array.isArray(value) ? value.join(', ') || 'none' : value).replaceAll('_', ' ');

/** One setting. Not being set is a value of its own. */
class Field {
  constructor({ name, values, default: otherwise, meaning }) {
    Object.assign(this, { name, kind: values.type, otherwise });
    const id = `setting-${crypto.randomUUID()}`;
    const label = name.replaceAll('_', ' ');
    this.note = el('span', { class: 'note', id });
    const describe = { 'aria-describedby': id };
    if (this.kind === 'choice') {
      this.choice = this.select(values.of.map((word) => [word, told(word)]), describe);
      this.element = el('label', { class: 'setting' }, el('span', { class: 'name', text: label }), this.choice);
    } else if (this.kind === 'choices') {
      this.choice = this.select([['set', 'these:']], { ...describe, 'aria-label': label });
      this.boxes = values.of.map((word) => el('input', { type: 'checkbox', value: word }));
      const words = this.boxes.map((box) => el('label', { class: 'choice' }, box, told(box.value)));
      this.choice.addEventListener('change', () => this.enable());
      this.element = el('fieldset', { class: 'setting' }, el('legend', { class: 'name', text: label }), this.choice, el('div', { class: 'words' }, ...words));
    } else {
      this.lines = el('textarea', { rows: 2, spellcheck: 'false', placeholder: 'one id on each line', ...describe });
      this.element = el('label', { class: 'setting' }, el('span', { class: 'name', text: label }), this.lines);
    }
    this.element.append(el('span', { class: 'note', text: meaning }), this.note);
  }

  select(pairs, attributes) {
    const unset = el('option', { value: '', text: `not set here (default: ${told(this.otherwise)})` });
    return el('select', attributes, unset, ...pairs.map(([value, text]) => el('option', { value, text })));
  }

  enable() {
    for (const box of this.boxes) box.disabled = this.choice.value === '';
  }

  show(value) {
    if (this.lines) this.lines.value = (value ?? []).join('\n');
    else if (!this.boxes) this.choice.value = value ?? '';
    else {
      this.choice.value = value === undefined ? '' : 'set';
      for (const box of this.boxes) box.checked = (value ?? this.otherwise).includes(box.value);
      this.enable();
    }
  }

  holds({ value, source }) {
    const from = { default: 'the default', instance: 'from the site', project: 'from the project', user: 'mine' }[source];
    setText(this.note, `Holds now: ${told(value)} (${from ?? source}).`);
  }

  /** What is to be set; `undefined` for nothing. */
  value() {
    if (this.lines) {
      const ids = this.lines.value.split(/[\s,]+/).filter(Boolean);
      return ids.length > 0 ? ids : undefined;
    }
    if (this.choice.value === '') return undefined;
    return this.boxes ? this.boxes.filter((box) => box.checked).map((box) => box.value) : this.choice.value;
  }
}
