// Plays one person through Microsoft's test client, against Tandem's bot on the local stack.
// `run`, beside it, installs what this needs.

import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { stopAll } from '../support/processes.mjs';
import { Report, brief } from '../support/report.mjs';
import { signIn } from '../support/signin.mjs';
import * as tandems from '../support/tandem.mjs';
import { until } from '../support/waiting.mjs';
import * as clients from './client.mjs';
import * as playground from './playground.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const KEPT = join(ROOT, 'target', 'playground');
const MANIFEST = join(ROOT, 'apps', 'teams', 'manifest.json');

/** After this many milliseconds something hangs. */
const WATCHDOG = 900_000;

const COMMANDS = [
  'connect', 'disconnect', 'link', 'unlink', 'subscribe', 'subscriptions', 'unsubscribe', 'settings',
  'status', 'help',
];
const GROUP = 'Kitchen';
const COMPLAINT = 'The coffee machine drips on the floor';

/** What the commands of the message extension are called; the client asks for them. */
function commands() {
  const all = JSON.parse(readFileSync(MANIFEST, 'utf8')).composeExtensions[0].commands;
  const search = all.find((it) => it.type === 'query');
  const create = all.find((it) => it.context.includes('message') && /create/i.test(it.id));
  return { search: { commandId: search.id, parameter: search.parameters[0].name }, create: create.id };
}

/** The people, their chat and the issue they talk about. */
async function prepare(tandem) {
  const site = await tandem.site();
  const issue = site.issues.find((it) => it.summary.includes('kettle'));
  const person = async (displayName) => ({ ...await tandem.user(site, displayName), displayName });
  const me = await person('Nora Quist');
  const colleagues = [];
  for (const name of ['Omar Reyes', 'Pia Lund', 'Quinn Abe', 'Rosa Weiss', 'Sam Tembo']) {
    colleagues.push(await person(name));
  }
  const group = { id: await tandem.groupChat(me, colleagues, GROUP), name: GROUP };
  return { site, issue, me, colleagues, group, botId: await tandem.botId() };
}

async function play(report, tandem, world, client) {
  const { site, issue, me } = world;
  const { search, create } = commands();
  // After a failure the page is opened anew, so that the next check does not trip over the last.
  const check = (name, shot, run) => {
    const seen = client.errors.length;
    const finish = async () => {
      await run();
      await client.shot(shot);
    };
    return report.check(name, finish, async () => {
      const seenThere = [...client.errors.slice(seen), ...await client.lastOfLog()];
      seenThere.forEach((line) => console.log(`      the client: ${line}`));
      await client.shot(`${shot}-failed`);
      await client.load();
    });
  };

  await check('help lists the commands', 'help', async () => {
    await client.ask('help', COMMANDS.map((it) => `\\b${it}\\b`));
  });
  let card;
  await check('connect answers with a card to sign in with', 'connect', async () => {
    card = await client.ask('connect', ['connect|sign in']);
    await card.getByText(/^(connect|sign in)$/i).first().waitFor();
  });
  const signedIn = await check('signing in from that card links the accounts', 'connected', async () => {
    const page = await client.openSignIn(card);
    await signIn(page, me);
    await page.screenshot({ path: join(KEPT, 'signed-in.png') });
    await page.close();
    await until('link of the accounts', () => tandem.isLinked(me));
  });
  // What follows is about somebody who is connected, however they came to be.
  if (!signedIn) await tandem.user(site, me.displayName, { linked: true, of: me });

  await check('link, in a group chat, links it with an issue', 'link', async () => {
    await client.goTo(GROUP);
    await client.ask(`link ${issue.key}`, [`\\b${issue.key}\\b`, 'linked'], { mention: true });
  });
  await check('a search finds the issue and puts its card into the chat', 'search', async () => {
    await client.goTo(GROUP);
    await client.search(search, 'kettle');
    const found = client.panel.getByText(issue.summary).first();
    await found.waitFor();
    await client.shot('search-results');
    await found.click();
    await client.box.getByText(issue.summary).first().waitFor();
    await client.send();
    await client.message(issue.summary).waitFor();
  });
  let key;
  await check('an issue is created from a message', 'create', async () => {
    await client.goTo(GROUP);
    await client.say(COMPLAINT);
    const named = await createFrom(client, tandem, create);
    const created = await tandem.issue(named);
    if (created?.summary !== COMPLAINT) throw new Error(`${named} is not about the message`);
    if (created.reporter !== me.accountId) throw new Error(`${named} was not created as the person`);
    await client.message(named).getByText(COMPLAINT).first().waitFor();
    key = named;
  });
  await check('a button of its card assigns the issue, and the card says so', 'assign', async () => {
    if (!key) throw new Error('there is no card to press it on');
    await client.message(key).getByRole('button', { name: 'Assign to me' }).click();
    await until('assignee in Jira', async () => (await tandem.issue(key)).assignee === me.accountId);
    await client.message(key).getByText(me.displayName).first().waitFor();
  });
  await check('the address of an issue unfolds into its card', 'unfurl', async () => {
    await client.goTo(GROUP);
    const dialog = await client.unfurl(`https://${site.host}/browse/${issue.key}`);
    await dialog.getByText(issue.summary).first().waitFor();
  });
}

/** Creates an issue from the message; gives its key once a card with it is in the chat. */
async function createFrom(client, tandem, commandId) {
  const known = new Set((await tandem.site()).issues.map((it) => it.key));
  const before = await client.replies().count();
  const form = await client.runOn(client.message(COMPLAINT), commandId);
  const summary = form.getByLabel(/summary/i);
  await summary.waitFor();
  await client.shot('create-form');
  if (await summary.inputValue() !== COMPLAINT) throw new Error('the form does not hold the message');
  await form.getByRole('button', { name: /^(create|save|submit)/i }).click();
  // The card comes from the bot, or waits to be sent by the person.
  const newKey = (text) => text.match(/\b[A-Z]+-\d+\b/g)?.find((it) => !known.has(it));
  const seen = async () => [
    ...(await client.box.allInnerTexts()),
    ...(await client.replies().allInnerTexts()).slice(before),
  ];
  const key = await until('card with the new key', async () => newKey((await seen()).join('\n')));
  if (newKey((await client.box.allInnerTexts()).join('\n'))) await client.send();
  if (await form.isVisible()) await form.getByRole('button', { name: 'Close' }).click();
  return key;
}

async function main() {
  const report = new Report();
  let browser;
  try {
    mkdirSync(KEPT, { recursive: true });
    readdirSync(KEPT).filter((it) => it.endsWith('.png')).forEach((it) => rmSync(join(KEPT, it)));
    const tandem = await tandems.open(ROOT, join(KEPT, 'tandem.log'), ['--anonymous-bot']);
    const world = await prepare(tandem);
    const url = await playground.open(KEPT, { ...world, endpoint: tandem.botEndpoint });
    const opened = await clients.open(KEPT, url);
    browser = opened.browser;
    await play(report, tandem, world, opened.client);
  } catch (error) {
    await report.check('the check itself runs', () => Promise.reject(error));
  } finally {
    await browser?.close().catch((error) => console.log(brief(error)));
    await stopAll();
  }
  process.exitCode = report.sum();
}

setTimeout(() => {
  console.log(`FAIL  nothing ended within ${WATCHDOG / 60_000} minutes`);
  process.exit(1);
}, WATCHDOG).unref();
await main();
