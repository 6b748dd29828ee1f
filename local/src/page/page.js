// The page of the local stack: reads everything once a second and shows it.

import { readSession, renderAccount, startAccount } from './page/account.js';
import { byId, setText } from './page/dom.js';
import { renderJira, startJira } from './page/jira.js';
import { renderPanel, startPanel } from './page/panel.js';
import { renderSettings } from './page/settings.js';
import { chatsOf, current, itemsOf, read, state, text } from './page/state.js';
import { renderStored } from './page/stored.js';
import { renderTeams, startTeams } from './page/teams.js';

const EVERY_MILLIS = 1000;

// Sign-in comes back to `localhost`, and its cookie stays there.
if (['127.0.0.1', '[::1]'].includes(location.hostname)) location.hostname = 'localhost';

/** Which steps of the guide are done. */
function renderGuide() {
  const found = current();
  const origins = itemsOf('message_link').map((item) => text(item.origin));
  const done = {
    'signed-in': state.session !== null,
    chat: chatsOf(found).length > 0,
    comment: origins.includes('jira'),
    reply: origins.includes('teams'),
  };
  for (const step of byId('guide').querySelectorAll('[data-step]')) {
    step.classList.toggle('done', done[step.dataset.step]);
  }
}

function render() {
  renderAccount();
  renderGuide();
  renderJira({ render, refresh });
  renderTeams({ render, refresh });
  renderPanel(refresh);
  renderStored();
  renderSettings();
}

/** Whether the last reading failed: then who is signed in is asked again, too. */
let lost = false;

let running = Promise.resolve();

/** Reads and shows everything; one reading after the other, so that an older one never comes last. */
function refresh() {
  running = running.then(readAndShow);
  return running;
}

async function readAndShow() {
  const offline = byId('offline');
  try {
    await read();
    if (lost) await readSession();
    lost = false;
    offline.hidden = true;
    render();
  } catch (error) {
    lost = true;
    setText(offline, error.message);
    offline.hidden = false;
  }
}

async function poll() {
  if (!document.hidden) await refresh();
  setTimeout(poll, EVERY_MILLIS);
}

// Somebody who signed in or out in another tab comes back to this one.
document.addEventListener('visibilitychange', async () => {
  if (document.hidden) return;
  await readSession().catch(() => {});
  refresh();
});

startAccount(refresh);
startJira({ render, refresh });
startTeams({ render, refresh });
startPanel(refresh);
await readSession().catch(() => { lost = true; });
poll();
