// Who there is, and what happened before the stories begin.

import { randomUUID } from 'node:crypto';

/** The second site, which is there to be picked from, and to be erased. */
const SECOND_HOST = 'second.atlassian.net';

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
  return {
    site,
    second,
    issue,
    newcomer,
    admin: await person(site, 'Omar Reyes', { linked: true, admin: true }),
    member: await person(site, 'Pia Lund', { linked: true }),
    leaver: await person(site, 'Quinn Abe', { linked: true }),
    ender: await person(second, 'Rosa Weiss', { linked: true, admin: true }),
  };
}
