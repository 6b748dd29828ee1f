// Who is signed in.

import { ApiError, call, get } from './api.js';
import { attempt, byId, setText } from './dom.js';
import { sites, state } from './state.js';

const pane = byId('account');

/** Asks who is signed in. Nobody is not an error. */
export async function readSession() {
  try {
    state.session = await get('/session');
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    state.session = null;
  }
  await readLook();
}

/** The look that holds for the person; the device's while nobody is signed in. */
export async function readLook() {
  const effective = state.session ? await get('/settings/effective') : null;
  document.documentElement.dataset.look = effective?.settings.appearance.value ?? 'auto';
}

/** A change as the signed-in person. Where the session has ended meanwhile, the page says so. */
export async function change(method, path, { body, headers = {} } = {}) {
  try {
    const guard = { 'x-csrf-token': state.session?.csrfToken ?? '' };
    return await call(method, path, { body, headers: { ...guard, ...headers } });
  } catch (error) {
    if (error.status === 401) await readSession();
    throw error;
  }
}

/** The name of the person at Jira and at Microsoft. */
export function names() {
  const { accountId, objectId } = state.session;
  const jira = state.jira?.users.find((it) => it.accountId === accountId)?.displayName ?? accountId;
  const teams = state.teams?.users.find((it) => it.id === objectId)?.displayName ?? objectId;
  return { jira, teams };
}

export function renderAccount() {
  const { session } = state;
  byId('sign-in').hidden = session !== null;
  byId('disconnect').hidden = session === null;
  if (!session) {
    setText(byId('account-who'), 'You are not signed in.');
    return;
  }
  const { jira, teams } = names();
  const host = session.siteHost ?? sites().find((it) => it.cloudId === session.cloudId)?.host ?? session.cloudId;
  const until = new Date(session.expiresAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  setText(byId('account-who'), `Signed in as ${jira} at ${host} and ${teams} in Teams, until ${until}.`);
}

export function startAccount(refresh) {
  byId('disconnect').addEventListener('click', async () => {
    await attempt(pane, async () => {
      await change('POST', '/disconnect', { body: {} });
      await readSession();
    });
    await refresh();
  });
}
