// What the page knows: read from the stack once a second, and what the visitor has chosen.

import { ApiError, get } from './api.js';

/** Everything read from the stack; `null` until it has been. */
export const state = {
  jira: null, teams: null, items: [], secrets: [], queue: { waiting: [], inFlight: [], dead: [] },
  inventory: null, session: null,
};

const CHOICES = ['issue', 'chat', 'jiraActor', 'teamsActor'];

/** What is chosen; it outlives the way through the sign-in. */
export const view = Object.fromEntries(CHOICES.map((name) => [name, sessionStorage.getItem(`tandem.${name}`) ?? '']));

export function choose(name, value) {
  view[name] = value;
  sessionStorage.setItem(`tandem.${name}`, value);
}

const PATHS = {
  jira: '/sandbox/people/jira/state', teams: '/sandbox/people/teams/state', items: '/local/items',
  secrets: '/local/secrets', queue: '/local/queue',
};

/** What stands for a vendor that is not simulated here. */
const ABSENT = {
  jira: { sites: [], users: [], transitions: [], priorities: [] }, teams: { users: [], chats: [] },
};

async function readOne(name) {
  try {
    return await get(PATHS[name]);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404 && ABSENT[name]) return ABSENT[name];
    throw error;
  }
}

/** Reads all of it. */
export async function read() {
  const names = Object.keys(PATHS);
  const answers = await Promise.all(names.map(readOne));
  names.forEach((name, index) => { state[name] = answers[index]; });
  state.inventory ??= await get('/local/inventory');
}

const byName = (a, b) => a.displayName.localeCompare(b.displayName);

export const sites = () => state.jira?.sites ?? [];
export const hosts = () => sites().map((site) => site.host);

/** Every issue with its site and project. */
export const issues = () => sites().flatMap((site) => site.issues.map((issue) => ({
  site, issue, project: site.projects.find((it) => it.id === issue.projectId), value: `${site.cloudId}/${issue.id}`,
})));

/** The chosen issue; the first where none is. */
export function current() {
  const all = issues();
  return all.find((it) => it.value === view.issue) ?? all[0] ?? null;
}

/** The people of a Jira site. */
export const members = (site) => [...site.members].sort(byName);

/** The people at Microsoft. */
export const microsoftUsers = () => [...(state.teams?.users ?? [])].sort(byName);

export const text = (attribute) => attribute?.S ?? attribute?.N ?? '';

/** The stored items of one entity. */
export const itemsOf = (entity) => state.items.filter((item) => text(item.entity) === entity);

/** The chats linked with an issue, as Teams has them, oldest first. */
export function chatsOf(found) {
  if (!found) return [];
  const ids = itemsOf('chat_link')
    .filter((item) => text(item.cloud_id) === found.site.cloudId && text(item.issue_id) === found.issue.id)
    .map((item) => text(item.chat_id));
  return (state.teams?.chats ?? [])
    .filter((chat) => ids.includes(chat.id))
    .sort((a, b) => a.createdDateTime.localeCompare(b.createdDateTime));
}

/** The chosen chat of an issue; the newest where none is. */
export function chatOf(found) {
  const chats = chatsOf(found);
  return chats.find((chat) => chat.id === view.chat) ?? chats.at(-1) ?? null;
}

/** Whether a Jira user has linked their accounts. */
export const linked = (cloudId, accountId) => itemsOf('account_link')
  .some((item) => text(item.cloud_id) === cloudId && text(item.account_id) === accountId);

/** A text in which account ids have become names. */
export function withNames(sentence) {
  return (state.jira?.users ?? [])
    .reduce((said, user) => said.replaceAll(user.accountId, user.displayName), sentence);
}
