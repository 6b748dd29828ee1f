// Who there is, and what happened before the stories begin.

import { randomUUID } from 'node:crypto';

import { until } from '../support/waiting.mjs';

/** The second site, which is there to be picked from, and to be erased. */
const SECOND_HOST = 'second.atlassian.net';

/** What one of them wrote on the issue. */
const COMMENT = 'It whistles like a steam engine by now';

/** The people, their sites and an issue to talk about. */
export async function prepare(tandem) {
  const site = await tandem.site();
  const issue = site.issues.find((it) => it.summary.includes('kettle'));
  const second = { cloudId: randomUUID(), host: SECOND_HOST };
  await tandem.call('POST', '/local/installations', {
    cloudId: second.cloudId,
    siteHost: second.host,
    webhookSecret: 'the second site’s webhook secret',
  });
  const person = async (at, displayName, options = {}) => ({
    ...await tandem.user(at, displayName, options),
    displayName,
  });
  // Comes to the pages for the first time, and belongs to both sites.
  const newcomer = await person(site, 'Nora Quist', { admin: true });
  await tandem.user(second, newcomer.displayName, { of: newcomer });
  const admin = await person(site, 'Omar Reyes', { linked: true, admin: true });
  const member = await person(site, 'Pia Lund', { linked: true });
  const leaver = await person(site, 'Quinn Abe', { linked: true });
  const ender = await person(second, 'Rosa Weiss', { linked: true, admin: true });
  const chatId = await tandem.startChat(issue, admin, [member, leaver]);
  await carry(tandem, issue, leaver);
  return { site, second, issue, chatId, newcomer, admin, member, leaver, ender };
}

/** What no page of Tandem may say: what people are called, and what they wrote. */
export function wordsOf({ issue, newcomer, admin, member, leaver, ender }) {
  const people = [newcomer, admin, member, leaver, ender];
  return [COMMENT, issue.summary, ...people.map((it) => it.displayName)];
}

/** A comment, and the wait until it is in the chat. */
async function carry(tandem, issue, author) {
  await tandem.comment(issue, author, COMMENT);
  await until('message of the comment in the chat', async () =>
    JSON.stringify(await tandem.teams()).includes(COMMENT));
}
