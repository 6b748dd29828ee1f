// Microsoft 365 Agents Playground, the test client: its configuration and its process.

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';

import { start } from '../support/processes.mjs';

/** How many people there are besides the one who sits at the client; it takes no other number. */
export const COLLEAGUES = 5;

/** The names the client shows. */
export const NAMES = { bot: 'Tandem', personal: 'Personal Chat' };

/** Starts the client for these people and chats; gives the address of its page. */
export async function open(kept, { endpoint, botId, me, colleagues, group }) {
  // The configuration is YAML, of which JSON is a part.
  const config = join(kept, 'playground.yml');
  writeFileSync(config, JSON.stringify({
    version: '0.1.1',
    tenantId: me.tenantId,
    bot: { id: botId, name: NAMES.bot },
    currentUser: user(me, 0),
    users: colleagues.map((colleague, index) => user(colleague, index + 1)),
    personalChat: { id: 'a:1wJc8Qf3yGk0rT5uVx2Zb9' },
    groupChat: { id: group.id, name: group.name },
    team: {
      id: '19:6f0b2d1c9a8e4b7f8c3d5e6a7b8c9d01@thread.tacv2',
      name: 'Facilities',
      aadGroupId: '5d3c9a10-7be2-4c64-9f0b-2a1e8d7c6b50',
      channels: [{ id: '19:0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d@thread.tacv2', name: 'Repairs' }],
    },
  }, null, 2));
  const manifest = createRequire(join(kept, 'package.json'))
    .resolve('@microsoft/m365agentsplayground/package.json');
  const args = [
    join(dirname(manifest), 'cli.js'), 'start', '--app-endpoint', endpoint, '--channel-id', 'msteams',
    '--port', String(await freePort()), '--disable-telemetry',
  ];
  const [, port] = await start(process.execPath, args, {
    cwd: kept,
    env: {
      TEAMSAPPTESTER_BROWSER: 'none',
      M365_AGENTS_PLAYGROUND_CONFIG_PATH: config,
      M365_AGENTS_PLAYGROUND_LOGFILE: join(kept, 'playground-events.log'),
      NO_PROXY: 'localhost,127.0.0.1',
    },
    log: join(kept, 'playground.log'),
    ready: /^Listening on (\d+)/,
    limit: 120_000,
  });
  return `http://localhost:${port}/`;
}

/** A user as the client has it. `29:` ids are a bot's own names for people, not their object ids. */
function user({ displayName, objectId }, index) {
  const [givenName, surname] = displayName.split(' ');
  const address = `${givenName}.${surname}@playground.example`.toLowerCase();
  return {
    id: `29:1u${index}-${objectId.slice(-12)}`,
    name: displayName,
    userPrincipleName: address,
    aadObjectId: objectId,
    givenName,
    surname,
    email: address,
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
