// Goes through the stories of Tandem's pages in a browser, and looks at each page on the way.
// `run`, beside it, installs what this needs.

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { launch } from '../support/chromium.mjs';
import { stopAll } from '../support/processes.mjs';
import { Report, brief } from '../support/report.mjs';
import * as tandems from '../support/tandem.mjs';
import { Looks } from './looks.mjs';
import { connect } from './stories/connect.mjs';
import { data } from './stories/data.mjs';
import { embedding } from './stories/embedding.mjs';
import { erase } from './stories/erase.mjs';
import { errors } from './stories/errors.mjs';
import { settings } from './stories/settings.mjs';
import { site } from './stories/site.mjs';
import { prepare, wordsOf } from './world.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const KEPT = join(ROOT, 'target', 'browser');

/** After this many milliseconds something hangs. */
const WATCHDOG = 900_000;

/** In this order: the last moves the time. */
const STORIES = [connect, settings, data, site, embedding, errors, erase];

async function main() {
  const report = new Report();
  let browser;
  try {
    mkdirSync(KEPT, { recursive: true });
    readdirSync(KEPT).filter((it) => it.endsWith('.png')).forEach((it) => rmSync(join(KEPT, it)));
    const tandem = await tandems.open(ROOT, join(KEPT, 'tandem.log'));
    browser = await launch(KEPT);
    const world = await prepare(tandem);
    const looks = await Looks.open(browser, KEPT, report, wordsOf(world));
    const play = { browser, tandem, report, looks, world, kept: KEPT };
    for (const story of STORIES) {
      // One that breaks off does not keep the others from being told.
      await story(play).catch((error) =>
        report.check(`${story.name}: the story goes on`, () => Promise.reject(error)));
    }
    looks.tell();
    console.log(`${looks.count} pages were looked at; what they look like is in ${KEPT}`);
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
