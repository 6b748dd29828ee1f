// Settings at each scope: changed, seen where they hold, listed, and refused to who may not.

import assert from 'node:assert/strict';

import { isDark } from '../looks.mjs';
import { Visitor } from '../visitor.mjs';

const SITE = '/site/settings';
const MINE = '/my/settings';
const EMBEDDED = { embedded: true };

export async function settings(play) {
  const { browser, tandem, world } = play;
  const admin = await Visitor.enter(browser, tandem, world.admin.session);
  const member = await Visitor.enter(browser, tandem, world.member.session);
  await mine(play, admin);
  await site(play, admin, member);
  await project(play, admin, member);
  await readOnly(play, member);
  await concurrent(play, admin);
  await admin.leave();
  await member.leave();
}

async function mine({ report, looks }, visitor) {
  await report.check('my settings: what holds, and that it is a default', async () => {
    await visitor.open(MINE);
    assert.equal(await visitor.heading(), 'My settings');
    await assertHolds(visitor, 'appearance', /auto/, /default/);
  });
  await looks.look(visitor, 'my settings', EMBEDDED);

  await report.check('my settings: dark is seen at once, there and on other pages', async () => {
    assert.ok(!isDark(await visitor.background()));
    await visitor.page.locator('#appearance').selectOption('dark');
    await save(visitor);
    await assertHolds(visitor, 'appearance', /dark/, /by you/);
    assert.ok(isDark(await visitor.background()));
    await visitor.open('/connected');
    assert.ok(isDark(await visitor.background()));
  });
  await report.check('my settings: each kind of control saves', async () => {
    await visitor.open(MINE);
    await visitor.page.locator('[name=quiet_hours]').selectOption('22');
    await visitor.page.locator('[name=quiet_hours-until]').selectOption('07');
    await visitor.page.locator('#notify_watched').selectOption('on');
    await visitor.page.locator('[name=last_project]').fill('10000');
    await save(visitor);
    await assertHolds(visitor, 'quiet_hours', /22-07/, /by you/);
    await assertHolds(visitor, 'notify_watched', /on/, /by you/);
    await assertHolds(visitor, 'last_project', /10000/, /by you/);
  });
  await looks.look(visitor, 'my settings saved', EMBEDDED);

  await report.check('my settings: a mistake is told beside its field, and what was typed is kept', async () => {
    const typed = 'the "kettle" <b>project</b>';
    await visitor.open(MINE);
    await visitor.page.locator('[name=last_project]').fill(typed);
    await visitor.page.locator('#appearance').selectOption('light');
    await visitor.press('Save');
    assert.equal(visitor.answer.status(), 400);
    const field = visitor.page.locator('[name=last_project]');
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    assert.equal(await field.inputValue(), typed);
    assert.equal(await visitor.page.locator('#appearance').inputValue(), 'light');
    await visitor.page.getByRole('alert').getByRole('link').first().click();
    assert.equal(new URL(visitor.page.url()).hash, '#last_project');
    await visitor.open(MINE);
    await assertHolds(visitor, 'last_project', /10000/, /by you/);
  });
  await report.check('my settings: an hour alone is a mistake', async () => {
    await visitor.open(MINE);
    await visitor.page.locator('[name=quiet_hours]').selectOption('off');
    await visitor.page.locator('[name=last_project]').fill('none of them');
    await visitor.press('Save');
    assert.equal(visitor.answer.status(), 400);
    assert.equal(await visitor.page.getByRole('alert').getByRole('link').count(), 2);
  });
  await looks.look(visitor, 'my settings refused', EMBEDDED);

  await report.check('my settings: unset, the default holds again', async () => {
    await visitor.open(MINE);
    await visitor.page.locator('#appearance').selectOption('');
    await save(visitor);
    await assertHolds(visitor, 'appearance', /auto/, /default/);
    assert.ok(!isDark(await visitor.background()));
  });
}

async function site({ world, report, looks }, admin, member) {
  await report.check('site settings: an admin changes some, and the change is listed', async () => {
    await admin.open(SITE);
    assert.equal(await admin.heading(), 'Site settings');
    await admin.page.locator('#comment_sync').selectOption('jira_to_teams');
    await admin.page.locator('#notify_commented').selectOption('off');
    await admin.page.locator('#allowed_tenants').fill(world.admin.tenantId.toUpperCase());
    await save(admin);
    await assertHolds(admin, 'comment_sync', /jira to teams/, /for the site/);
    await assertListed(admin, [world.admin.accountId, /comment.sync/i, /jira to teams/]);
    await assertListed(admin, [world.admin.accountId, /allowed.tenants/i, world.admin.tenantId]);
  });
  await looks.look(admin, 'site settings', EMBEDDED);

  await report.check('site settings: what is no tenant is a mistake', async () => {
    const typed = `${world.admin.tenantId}\ncontoso`;
    await admin.page.locator('#allowed_tenants').fill(typed);
    await admin.press('Save');
    assert.equal(admin.answer.status(), 400);
    assert.equal(await admin.page.locator('#allowed_tenants').inputValue(), typed);
    assert.equal(await admin.page.locator('#allowed_tenants').getAttribute('aria-invalid'), 'true');
  });
  await report.check('site settings: boxes that contradict each other are a mistake', async () => {
    await admin.open(SITE);
    await admin.page.locator('[name=issue_updates][value=status]').check();
    await admin.press('Save');
    assert.equal(admin.answer.status(), 400);
    assert.ok(await admin.page.locator('[name=issue_updates][value=status]').isChecked());
  });
  await looks.look(admin, 'site settings refused', EMBEDDED);

  await report.check('site settings: what an admin set holds for a member, and says so', async () => {
    await member.open(MINE);
    await assertHolds(member, 'notify_commented', /off/, /for the site/);
  });
}

async function project({ world, report, looks }, admin, member) {
  const { projects: [known] } = world.site;
  await report.check('projects: found by a part of the name', async () => {
    await admin.open('/site/projects');
    await admin.page.getByRole('link', { name: known.name }).waitFor();
    await admin.page.getByRole('textbox').fill('no such "project" <i>');
    await admin.press('Search');
    await admin.page.getByRole('status').waitFor();
    assert.equal(await admin.page.getByRole('link', { name: known.name }).count(), 0);
    await admin.page.getByRole('textbox').fill(known.name.slice(0, 4));
    await admin.press('Search');
    await admin.page.getByRole('link', { name: known.name }).waitFor();
  });
  await looks.look(admin, 'projects', EMBEDDED);

  await report.check('project settings: what comes from the site, and what the project sets', async () => {
    await admin.press(known.name, { role: 'link' });
    assert.equal(await admin.heading(), 'Project settings');
    await assertHolds(admin, 'comment_sync', /jira to teams/, /for the site/);
    await admin.page.locator('#comment_sync').selectOption('both');
    await save(admin);
    await assertHolds(admin, 'comment_sync', /both/, /for the project/);
    await assertListed(admin, [world.admin.accountId, /comment.sync/i, /both/]);
  });
  await looks.look(admin, 'project settings', EMBEDDED);

  await report.check('project settings: the site’s list does not have the project’s change', async () => {
    await admin.open(SITE);
    const rows = await admin.page.getByRole('row').filter({ hasText: /comment.sync/i }).count();
    assert.equal(rows, 1);
  });
  await report.check('project settings: a member sees them and cannot change them', async () => {
    await member.open(`/site/projects/${known.id}/settings`);
    await assertNoForm(member);
    assert.match(await member.text(), /both\s*\(set for the project\)/);
  });
  await looks.look(member, 'project settings read only', EMBEDDED);

  await report.check('project settings: a project that one cannot see is not there', async () => {
    await member.open('/site/projects/999999/settings');
    assert.equal(member.answer.status(), 404);
  });
  await looks.look(member, 'no such project', EMBEDDED);
}

async function readOnly({ tandem, world, report, looks }, member) {
  await report.check('site settings: a member sees them and cannot change them', async () => {
    await member.open(SITE);
    await assertNoForm(member);
    assert.match(await member.text(), /jira to teams\s*\(set for the site\)/);
    assert.equal(await member.page.getByRole('table').count(), 0, 'who changed what is for admins');
  });
  await looks.look(member, 'site settings read only', EMBEDDED);

  await report.check('site settings: a member’s form is refused, and nothing changes', async () => {
    const { settings: before } = await tandem.call('GET', '/settings/effective', undefined, world.member.session);
    const answer = await fetch(tandem.url + SITE, {
      method: 'POST',
      headers: { cookie: world.member.session.cookie },
      body: new URLSearchParams({ csrf: world.member.session.csrfToken, version: '1', comment_sync: 'off' }),
    });
    assert.equal(answer.status, 403);
    const { settings: after } = await tandem.call('GET', '/settings/effective', undefined, world.member.session);
    assert.deepEqual(after, before);
  });
}

async function concurrent({ report, looks, world }, admin) {
  await report.check('site settings: who comes second is told, and nothing of theirs is saved', async () => {
    await admin.open(SITE);
    const other = new Visitor(admin.context, await admin.context.newPage(), admin.stack);
    await other.open(SITE);
    await other.page.locator('#secured_issues').selectOption('allowed');
    await save(other);
    await other.page.close();
    await admin.page.locator('#restricted_comments').selectOption('allowed');
    await admin.press('Save');
    assert.equal(admin.answer.status(), 412);
    assert.match(await admin.page.getByRole('alert').innerText(), /somebody changed this meanwhile/i);
    await assertHolds(admin, 'secured_issues', /allowed/, /for the site/);
    await assertHolds(admin, 'restricted_comments', /never/, /default/);
  });
  await looks.look(admin, 'site settings changed meanwhile', EMBEDDED);

  await report.check('site settings: from there the change can be made', async () => {
    await admin.page.locator('#restricted_comments').selectOption('allowed');
    await admin.page.locator('#comment_sync').selectOption('');
    await save(admin);
    await assertHolds(admin, 'restricted_comments', /allowed/, /for the site/);
    await assertListed(admin, [world.admin.accountId, /restricted.comments/i, /allowed/]);
  });
}

/** Saves, and fails unless the page says so after a redirect. */
async function save(visitor) {
  await visitor.press('Save');
  assert.equal(visitor.answer.request().method(), 'GET');
  assert.equal(visitor.answer.status(), 200);
  assert.match(await visitor.page.getByRole('status').innerText(), /saved/i);
}

async function assertHolds(visitor, name, value, source) {
  const text = await visitor.page.locator(`#${name}-holds`).innerText();
  const [holds] = text.split(/If not set here/);
  assert.match(holds, value);
  assert.match(holds, source);
}

/** Fails unless one line of the list of changes holds all of these. */
async function assertListed(visitor, parts) {
  let rows = visitor.page.getByRole('row');
  for (const part of parts) rows = rows.filter({ hasText: part });
  assert.ok(await rows.count() > 0, `no change with ${parts.join(', ')} is listed`);
}

async function assertNoForm(visitor) {
  assert.equal(visitor.answer.status(), 200);
  const main = visitor.page.locator('main');
  assert.equal(await main.locator('form, button, input, select, textarea').count(), 0);
  assert.match(await main.innerText(), /only .* can change/i);
}
