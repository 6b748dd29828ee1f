// What Tandem writes by itself: words of closed lists, and what identifiers look like. Entities and
// settings come from the inventory. A word that is missing here is reported as stored: then it is
// either content, or a new word of Tandem's that belongs into this list.

/** Parts of keys, kinds of upkeep, states, purposes and the like. */
export const OWN = [
  'INSTANCE', 'INSTALLATION', 'SITE', 'LINK', 'GRANT', 'CHAT', 'ISSUE', 'SUBSCRIPTION', 'SETTINGS', 'CLAIM', 'SIGN_IN',
  'SESSION', 'DUE', 'LEDGER', 'ERASURE', 'RECEIPT', 'atlassian', 'microsoft', 'jira', 'teams', 'active',
  'needs_sign_in', 'refused', 'issue_deleted', 'erased', 'revoked', 'expired', 'consent_missing',
  'interaction_required', 'account_disabled', 'begun', 'done', 'pick_site', 'one_on_one', 'group', 'user', 'instance',
  'tenant', 'sign_in', 'check_permission', 'start_chat', 'show_chat', 'reply_in_chat', 'carry_to_teams',
  'carry_to_jira', 'renew_subscription', 'keep_grant', 'change_keys', 'tandem', 'grant', 'webhook', 'app', 'true',
  'false', 'comment_created', 'comment_updated', 'comment_deleted', 'issue_updated', 'message_created',
  'message_updated', 'message_deleted', 'status', 'assignee', 'priority',
];

const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** A number, hexadecimal digits, a GUID, an account, a chat, a random id of a request. */
export const IDENTIFIER = new RegExp(`^(?:${[
  '\\d+', '[0-9a-f]{16,}', GUID, `\\d+:${GUID}`, '19:[0-9a-f]{32}@thread\\.v2', `19:${GUID}_${GUID}@unq\\.gbl\\.spaces`,
  '(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9_-]{15,}=?',
].join('|')})$`);
