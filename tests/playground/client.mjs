// The test client's page, by what a person does on it.

import { join } from 'node:path';

import { launch } from '../support/chromium.mjs';
import { LIMIT, until } from '../support/waiting.mjs';
import { NAMES } from './playground.mjs';

/** The browser, and the client's page in it. */
export async function open(kept, url) {
  const browser = await launch(kept);
  const viewport = { width: 1400, height: 1000 };
  const context = await browser.newContext({ viewport, locale: 'en-US' });
  context.setDefaultTimeout(LIMIT);
  // Fonts and the like come from the internet otherwise.
  await context.route((address) => address.hostname !== 'localhost', (route) => route.abort());
  const client = new Client(await context.newPage(), url, kept);
  await client.load();
  return { browser, client };
}

export class Client {
  constructor(page, url, kept) {
    Object.assign(this, { page, url, kept });
    this.box = page.locator('[data-lexical-editor=true]');
    this.panel = page.getByRole('group').filter({ hasText: 'Search-Based Message Extension' });
    this.dialog = page.getByRole('dialog');
    /** Whatever went wrong in the page itself. */
    this.errors = [];
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => {
      this.signInAddress = /"type":"signin","value":"([^"]+)"/.exec(String(payload))?.[1] ?? this.signInAddress;
    }));
  }

  /** Opens the page anew. Conversations start empty. */
  async load() {
    await this.page.goto(this.url, { waitUntil: 'load' });
    await this.box.waitFor();
    await this.goTo(NAMES.personal);
  }

  async shot(name) {
    const path = join(this.kept, `${name}.png`);
    await this.page.screenshot({ path, animations: 'disabled' });
  }

  /** The last requests and warnings of the client's own log. */
  async lastOfLog() {
    const lines = (await this.page.locator('body').innerText()).split(/(?=\[\d+:\d+:\d+ [AP]M\])/);
    return lines.slice(-4).map((line) => line.replace(/\s+/g, ' ').trim().slice(0, 200));
  }

  async goTo(chat) {
    await this.page.getByRole('treeitem', { name: chat }).click();
  }

  /** The messages of the conversation, oldest first. */
  messages() {
    return this.page.getByLabel('Message header', { exact: true }).locator('xpath=..');
  }

  /** The last message that holds this text. */
  message(text) {
    return this.messages().filter({ hasText: text }).last();
  }

  /** What the bot has written. */
  replies() {
    const author = this.page.getByLabel('Message author', { exact: true });
    return this.messages().filter({ has: author.filter({ hasText: NAMES.bot }) });
  }

  /** Writes something; with a mention, the bot gets to read it in a group chat too. */
  async say(text, { mention = false } = {}) {
    const before = await this.messages().count();
    await this.box.click();
    if (mention) {
      await this.page.keyboard.type(`@${NAMES.bot}`);
      await this.page.getByRole('menuitem', { name: NAMES.bot }).first().click();
      await this.page.keyboard.type(' ');
    }
    await this.page.keyboard.type(text);
    await this.send();
    await until('message of mine', async () => (await this.messages().count()) > before);
  }

  async send() {
    await this.page.getByRole('button', { name: 'Send Message' }).click();
  }

  /** Writes something and waits for an answer that holds all these texts; gives the answer. */
  async ask(text, expected, options) {
    const before = await this.replies().count();
    await this.say(text, options);
    return this.reply(before, expected, `answer to "${text}"`);
  }

  /** Waits for a reply after so many that holds all these texts. */
  async reply(before, expected, what) {
    const said = async () => (await this.replies().allInnerTexts()).slice(before);
    const holds = (reply) => expected.every((it) => new RegExp(it, 'i').test(reply));
    const sentence = async () => {
      const read = (await said()).map((reply) => JSON.stringify(reply.slice(0, 600)));
      return `${what} with ${expected.join(', ')}; there was: ${read.join(' and ') || 'nothing'}`;
    };
    const index = await until(sentence, async () => 1 + (await said()).findIndex(holds));
    return this.replies().nth(before + index - 1);
  }

  /**
   * Presses the button of a card that opens a page for signing in; gives the page. The window that
   * Teams has for it (`msteams` of the type `signin`) is not in the client: then the page is opened
   * that the button names.
   */
  async openSignIn(card) {
    const button = card.locator('button, [role=link]').filter({ hasText: /connect|sign in/i }).first();
    if (await button.getAttribute('role') === 'link') {
      const [page] = await Promise.all([this.page.waitForEvent('popup'), button.click()]);
      return page;
    }
    const page = await this.page.context().newPage();
    await page.goto(this.signInAddress);
    return page;
  }

  /** Opens the search of the message extension and types what is looked for. */
  async search({ commandId, parameter }, words) {
    await this.trigger('Search Command');
    const named = this.panel.getByRole('textbox', { name: 'Command ID' });
    if (!await named.isVisible()) {
      await this.panel.getByRole('button', { name: 'Specify Command ID or Parameter' }).click();
    }
    await named.fill(commandId);
    await this.panel.getByRole('textbox', { name: 'Parameter name' }).fill(parameter);
    await this.panel.getByPlaceholder('Enter a search term').fill(words);
  }

  /** Lets the message extension unfold an address; gives the dialog with the preview. */
  async unfurl(address) {
    await this.trigger('Link Unfurling');
    await this.dialog.getByRole('textbox').fill(address);
    return this.dialog;
  }

  async trigger(entry) {
    await this.page.getByRole('button', { name: 'Trigger Message Extension App' }).click();
    await this.page.getByRole('menuitem', { name: entry }).click();
  }

  /** Runs a command of the message extension on a message; gives the dialog. */
  async runOn(message, commandId) {
    await message.getByRole('button', { name: 'Show more information' }).click();
    await this.page.getByRole('menuitem', { name: 'Action Command' }).click();
    await this.dialog.getByRole('textbox', { name: 'Command ID' }).fill(commandId);
    await this.dialog.getByRole('button', { name: 'Create' }).click();
    await this.dialog.getByRole('radiogroup').waitFor({ state: 'detached' });
    return this.dialog;
  }
}
