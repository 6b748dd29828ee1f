// The local stack: Tandem, and the simulated Jira and Microsoft behind it.

import { start } from './processes.mjs';

/** The longest the stack may take to start, in milliseconds; it is built already. */
const START_LIMIT = 180_000;

/** The stack that runs already, or one of our own, with these options. */
export async function open(root, log, options = []) {
  const given = process.env.TANDEM_URL;
  if (given) return new Tandem(given.replace(/\/$/, ''));
  const args = ['run', '--locked', '--', '--port', '0', ...options];
  const ready = /^Tandem is ready: (\S+)/;
  const [, url] = await start('cargo', args, { cwd: root, log, ready, limit: START_LIMIT });
  return new Tandem(url);
}

export class Tandem {
  constructor(url) {
    this.url = url;
    this.botEndpoint = process.env.TANDEM_BOT_URL ?? `${url}/teams/messages`;
  }

  /** Calls the stack; with the session of somebody, as them. */
  async call(method, path, body, session) {
    const headers = { accept: 'application/json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (session) Object.assign(headers, { cookie: session.cookie, 'x-csrf-token': session.csrfToken });
    const response = await fetch(this.url + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  /** The demonstration's site as Jira's own screens show it. */
  async site() {
    const { sites: [site] } = await this.call('GET', '/sandbox/people/jira/state');
    if (!site?.projects.length) throw new Error('the stack has no demonstration data');
    return site;
  }

  /** An issue, by its key. */
  async issue(key) {
    return (await this.site()).issues.find((issue) => issue.key === key);
  }

  /** A person with an account on both sides. */
  user(site, displayName, { linked, admin, of } = {}) {
    return this.call('POST', '/local/users', {
      cloudId: site.cloudId,
      displayName,
      linked: linked ?? false,
      admin: admin ?? false,
      accountId: of?.accountId,
      tenantId: of?.tenantId,
      objectId: of?.objectId,
    });
  }

  /** A group chat in Teams; gives its id. */
  async groupChat(owner, others, topic) {
    const deed = {
      as: owner.objectId,
      tenantId: owner.tenantId,
      action: 'create_chat',
      chatType: 'group',
      topic,
      members: others.map((other) => other.objectId),
    };
    return (await this.call('POST', '/sandbox/people/teams/act', deed)).chatId;
  }

  /** A chat about an issue, started from it; gives the chat's id. */
  async startChat(issue, by, members) {
    const path = `/issues/${issue.id}/chats`;
    const body = { members: members.map((member) => member.accountId) };
    return (await this.call('POST', path, body, by.session)).chatId;
  }

  /** A comment on an issue. */
  comment(issue, by, text) {
    const { accountId, cloudId } = by;
    const deed = { as: accountId, cloudId, issue: issue.key, action: 'comment', text };
    return this.call('POST', '/sandbox/people/jira/act', deed);
  }

  /** Everything that Teams has. */
  teams() {
    return this.call('GET', '/sandbox/people/teams/state');
  }

  /** Moves the time of the stack forward. */
  forward(forwardSeconds) {
    return this.call('POST', '/local/time', { forwardSeconds });
  }

  /** Runs upkeep as its schedule does. */
  upkeep() {
    return this.call('POST', '/local/upkeep', {});
  }

  /** Whether the person's two accounts are linked. */
  async isLinked(person) {
    const items = await this.call('GET', '/local/items');
    return items.some((item) =>
      item.entity?.S === 'account_link' && item.object_id?.S === person.objectId);
  }

  /** The bot's id as Teams writes it. */
  async botId() {
    const environment = await this.call('GET', '/local/environment');
    return `28:${environment.TANDEM_BOT_CLIENT_ID ?? environment.TANDEM_MICROSOFT_CLIENT_ID}`;
  }
}
