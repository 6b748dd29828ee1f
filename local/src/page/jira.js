// The issue, as one of the people of the Jira site sees it.

import { act } from './api.js';
import { attempt, byId, keyed, onSubmit, options, sendsWithKeys, setText } from './dom.js';
import { fromDocument, textOfDocument } from './rich.js';
import { drawEditor, drawSaid } from './said.js';
import { choose, current, hosts, issues, members, state, view } from './state.js';

const pane = byId('jira');
let editing = null;

/** Who acts, when nobody was chosen: the person signed in. */
function actor(found) {
  const people = members(found.site);
  const wanted = view.jiraActor || state.session?.accountId;
  return people.find((it) => it.accountId === wanted) ?? people[0];
}

/** `again`: `render` shows what is known once more, `refresh` reads first. */
export function renderJira(again) {
  const found = current();
  byId('jira-empty').hidden = found !== null || state.jira === null;
  byId('jira-body').hidden = found === null;
  if (!found) return;
  const { site, issue } = found;
  const who = actor(found);
  options(byId('jira-actor'), members(site).map((it) => [it.accountId, it.displayName]), who.accountId);
  options(byId('issue'), issues().map((it) => [it.value, `${it.issue.key} ${it.issue.summary}`]), found.value);
  setText(pane.querySelector('[data-actor=jira]'), who.displayName);
  renderFacts(found);
  renderComments(found, who, again);
}

/** What the issue was when it was last shown: a select changes only when Jira's value has. */
const shown = {};

function renderFacts({ site, issue, project }) {
  setText(byId('issue-summary'), `${issue.key} ${issue.summary}`);
  const statuses = state.jira.transitions.map((it) => [it.id, it.name]);
  const people = [['', 'Nobody'], ...members(site).map((it) => [it.accountId, it.displayName])];
  const priorities = state.jira.priorities.map((it) => [it.id, it.name]);
  const idOf = (pairs, name) => pairs.find(([, text]) => text === name)?.[0] ?? '';
  for (const [id, pairs, value] of [
    ['issue-status', statuses, idOf(statuses, issue.status)],
    ['issue-assignee', people, issue.assignee ?? ''],
    ['issue-priority', priorities, idOf(priorities, issue.priority)],
  ]) {
    const known = `${issue.id} ${value}`;
    options(byId(id), pairs, shown[id] === known ? undefined : value);
    shown[id] = known;
  }
  const security = byId('issue-security');
  security.hidden = issue.security === null;
  setText(security, issue.security ? `Security level: ${issue.security.name}. Only named people see this issue.` : '');
  setText(byId('issue-description'), issue.description ?? '');
  const links = byId('issue-links');
  links.hidden = issue.remoteLinks.length === 0;
  setText(links, `Linked: ${issue.remoteLinks.map((it) => it.object.title).join(' · ')}`);
  const role = roleOf(project);
  byId('restricted-label').hidden = !role;
  setText(byId('restricted-label').querySelector('span'), `Restricted to the role ${role}`);
}

/** The role that a restricted comment is for. */
const roleOf = (project) => Object.keys(project.roles)[0] ?? null;

function renderComments({ site, issue }, who, { render, refresh }) {
  byId('comments-empty').hidden = issue.comments.length > 0;
  const admin = members(site).find((it) => it.accountId === who.accountId)?.admin;
  const deed = (action, comment, more) => act('jira', {
    as: who.accountId, cloudId: site.cloudId, action, issue: issue.id, comment: comment.id, ...more,
  });
  const stop = () => { editing = null; render(); refresh(); };
  keyed(byId('comments'), issue.comments, {
    key: (comment) => comment.id,
    sign: (comment) => (editing === comment.id
      ? 'editing'
      : JSON.stringify([comment, who.accountId])),
    draw: (comment, known) => {
      const mine = comment.author === who.accountId;
      const said = {
        kind: 'comment', author: comment.authorName, when: comment.created, mine,
        edited: comment.updated !== comment.created, tags: tagsOf(comment),
        body: fromDocument(comment.body, hosts()), may: [mine, mine || admin],
      };
      if (editing === comment.id) {
        return drawEditor(said, {
          pane, close: stop, text: textOfDocument(comment.body),
          save: (text) => deed('edit_comment', comment, { text }),
        });
      }
      const item = drawSaid(said, {
        edit: () => {
          editing = comment.id;
          render();
          byId('comments').querySelector('textarea')?.focus();
        },
        remove: async () => {
          await attempt(pane, () => deed('delete_comment', comment));
          refresh();
        },
      });
      if (!known) item.classList.add('fresh');
      return item;
    },
  });
}

function tagsOf(comment) {
  const tags = [];
  if (comment.visibility) tags.push([`only ${comment.visibility.value}`, 'lock']);
  if (!comment.jsdPublic) tags.push(['internal', 'lock']);
  if (comment.properties['tandem.message']) tags.push(['from Teams', '']);
  return tags;
}

/** Lets the forms of the pane work. */
export function startJira({ render, refresh }) {
  const deed = async (action, more) => {
    const found = current();
    const done = await attempt(pane, () => act('jira', {
      as: actor(found).accountId, cloudId: found.site.cloudId, issue: found.issue.id, action, ...more,
    }));
    await refresh();
    return done;
  };
  const changes = (id, deedOf) => byId(id).addEventListener('change', async (event) => {
    if (!await deed(...deedOf(event.target.value))) delete shown[id];
    refresh();
  });
  changes('issue-status', (to) => ['transition', { to }]);
  changes('issue-assignee', (accountId) => ['assign', accountId ? { accountId } : {}]);
  changes('issue-priority', (priority) => ['set_priority', { priority }]);
  byId('issue').addEventListener('change', (event) => {
    choose('issue', event.target.value);
    editing = null;
    render();
  });
  byId('jira-actor').addEventListener('change', (event) => {
    choose('jiraActor', event.target.value);
    editing = null;
    render();
  });
  sendsWithKeys(byId('comment-text'));
  onSubmit(byId('comment-form'), async () => {
    const box = byId('comment-text');
    const text = box.value.trim();
    if (!text) return;
    const restricted = byId('restricted').checked;
    const visibility = restricted ? { type: 'role', value: roleOf(current().project) } : undefined;
    if (await deed('comment', { text, visibility })) box.value = '';
  });
}
