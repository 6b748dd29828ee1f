// Somebody at a browser that runs no script: what they open, fill in and press, and what came back.

import { LIMIT } from '../support/waiting.mjs';

const TELEPHONE = { width: 360, height: 740 };

/** The cookies of a session as signing in gives them: one for everywhere, one for frames of others. */
export function cookies(stack, session) {
  const [name, value] = session.cookie.split('=');
  // The browser takes localhost for as safe as TLS, and so do these.
  const common = { value, url: stack.url.replace(/^http:/, 'https:'), secure: true, httpOnly: true };
  return [
    { ...common, name, sameSite: 'Lax' },
    { ...common, name: `${name}-framed`, sameSite: 'None' },
  ];
}

export class Visitor {
  /** A browser of their own, at the stack's pages; with a session, they are signed in. */
  static async enter(browser, stack, session) {
    const context = await browser.newContext({
      javaScriptEnabled: false,
      viewport: TELEPHONE,
      locale: 'en-US',
      acceptDownloads: true,
    });
    context.setDefaultTimeout(LIMIT);
    if (session) await context.addCookies(cookies(stack, session));
    return new Visitor(context, await context.newPage(), stack);
  }

  constructor(context, page, stack) {
    Object.assign(this, { context, page, stack });
    /** The answer that the page was made from. */
    this.answer = undefined;
    /** What the page did or complained about that it should not have, since it was last asked. */
    this.strays = [];
    page.on('response', (response) => {
      const request = response.request();
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) this.answer = response;
    });
    page.on('request', (request) => {
      const { origin } = new URL(request.url());
      if (origin !== stack.url) this.strays.push(`a request to ${origin}`);
    });
    page.on('console', (message) => {
      // Whether a page is an answer like 404 is what the stories look at; the vendors' pages lack an
      // icon.
      const { url } = message.location();
      const known = (url === page.url() || url.endsWith('/favicon.ico')) && /^Failed to load/.test(message.text());
      if (message.type() === 'error' && !known) this.strays.push(message.text());
    });
  }

  /** Opens a page of the stack. */
  async open(path) {
    await this.page.goto(this.stack.url + path);
  }

  /** Presses a button or follows a link to the next page. */
  async press(name, { role = 'button', within = this.page } = {}) {
    await this.follow(() => within.getByRole(role, { name }).click());
  }

  /** Does what leads to another page, and waits for it. */
  async follow(act) {
    await Promise.all([this.page.waitForEvent('domcontentloaded'), act()]);
    await this.page.waitForLoadState('load');
  }

  /** The only heading of the first rank. */
  heading() {
    return this.page.getByRole('heading', { level: 1 }).innerText();
  }

  /** What the page says. */
  text() {
    return this.page.locator('main').innerText();
  }

  /** The path of the page, with its query. */
  path() {
    const { pathname, search } = new URL(this.page.url());
    return pathname + search;
  }

  /** Takes what strayed. */
  takeStrays() {
    return this.strays.splice(0);
  }

  /** The computed background of the page. */
  background() {
    return this.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  }

  /** Closes their browser. */
  async leave() {
    await this.context.close();
  }
}
