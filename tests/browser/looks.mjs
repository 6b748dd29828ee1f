// How a page reads: on a telephone and on a desk, light and dark, by keyboard, and by the rules of
// axe-core. A visitor's page is looked at as it was answered: the same bytes under the same headers,
// in a second browser that runs axe's script and tells of each breach of the page's policy.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { LIMIT } from '../support/waiting.mjs';
import { assertReachable } from './keyboard.mjs';
import { assertSafe } from './policy.mjs';

const SIZES = [{ width: 1280, height: 800 }, { width: 360, height: 740 }];
const SCHEMES = ['light', 'dark'];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export class Looks {
  /** `words` are those of which no page may say any. */
  static async open(browser, kept, report, words) {
    const axe = createRequire(join(kept, 'package.json')).resolve('axe-core/axe.min.js');
    const context = await browser.newContext({ locale: 'en-US' });
    context.setDefaultTimeout(LIMIT);
    await context.addInitScript(() => {
      globalThis.breaches = [];
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        globalThis.breaches.push(`${violatedDirective} ${blockedURI}`);
      });
    });
    return new Looks(await context.newPage(), readFileSync(axe, 'utf8'), kept, report, words);
  }

  constructor(page, axe, kept, report, words) {
    Object.assign(this, { page, axe, kept, report, words });
    /** What axe found that is less than serious, with the pages it is on. */
    this.lesser = new Map();
    /** How many pages were looked at. */
    this.count = 0;
  }

  /** Looks at the page before this visitor, one line for each part. */
  async look(visitor, name, { embedded = false } = {}) {
    this.count += 1;
    const { answer } = visitor;
    const [body, headers] = [await answer.body(), await answer.allHeaders()];
    const strays = visitor.takeStrays();
    await this.report.check(`${name}: takes nothing from elsewhere and complains of nothing`, async () => {
      assertSafe(headers, { embedded });
      assert.deepEqual(strays, []);
      const said = this.words.filter((word) => body.includes(word));
      assert.deepEqual(said, [], 'it says what it should not know');
    });
    // The cookies that came with it are the visitor's.
    const { 'set-cookie': _, ...rest } = headers;
    await this.page.unrouteAll();
    await this.page.route(answer.url(), (route) =>
      route.fulfill({ status: answer.status(), headers: rest, body }));
    await this.page.emulateMedia({ colorScheme: 'light' });
    await this.page.setViewportSize(SIZES[0]);
    await this.page.goto(answer.url());
    const seen = [];
    await this.report.check(`${name}: fits, light and dark`, () => this.fits(name, seen));
    await this.report.check(`${name}: nothing serious for axe`, () => {
      const found = [...new Set(seen)];
      assert.deepEqual(found, []);
    });
    await this.report.check(`${name}: by keyboard`, () => assertReachable(this.page));
  }

  async fits(name, seen) {
    await this.page.evaluate(`${this.axe};0`);
    for (const size of SIZES) {
      await this.page.setViewportSize(size);
      for (const scheme of SCHEMES) {
        await this.page.emulateMedia({ colorScheme: scheme });
        const path = join(this.kept, `${name.replaceAll(' ', '-')}-${size.width}-${scheme}.png`);
        await this.page.screenshot({ path, fullPage: true, animations: 'disabled' });
        seen.push(...await this.findings(name));
        await this.assertFits(size, scheme);
      }
    }
    const breaches = await this.page.evaluate(() => globalThis.breaches);
    assert.deepEqual(breaches, [], 'the page breaks its own policy');
  }

  /** The serious and critical findings of axe; the lesser are noted. */
  async findings(name) {
    const found = await this.page.evaluate(async (values) => {
      const { violations } = await globalThis.axe.run(document, {
        resultTypes: ['violations'],
        runOnly: { type: 'tag', values },
      });
      return violations.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ html }) => ({ id, impact, html: html.slice(0, 200) })));
    }, RULES);
    const serious = ({ impact }) => impact === 'serious' || impact === 'critical';
    for (const { id, impact, html } of found.filter((it) => !serious(it))) {
      const pages = this.lesser.get(`${impact} ${id}: ${html}`) ?? new Set();
      this.lesser.set(`${impact} ${id}: ${html}`, pages.add(name));
    }
    return found.filter(serious).map(({ id, html }) => `${id}: ${html}`);
  }

  async assertFits({ width }, scheme) {
    const { scrolled, look, background } = await this.page.evaluate(() => ({
      scrolled: document.scrollingElement.scrollWidth,
      look: document.documentElement.dataset.look,
      background: getComputedStyle(document.body).backgroundColor,
    }));
    assert.ok(scrolled <= width, `at ${width} px the page is ${scrolled} px wide`);
    const dark = look === 'dark' || (look === 'auto' && scheme === 'dark');
    assert.equal(isDark(background), dark, `${look} on a ${scheme} device: ${background}`);
  }

  /** Prints what axe found that is less than serious. */
  tell() {
    for (const [finding, pages] of this.lesser) {
      console.log(`      axe: ${finding} (${[...pages].join(', ')})`);
    }
  }
}

/** Whether a computed colour is a dark one. */
export function isDark(color) {
  const [red, green, blue] = color.match(/\d+/g).map(Number);
  return red + green + blue < 3 * 128;
}
