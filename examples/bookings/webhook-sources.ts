import type { Db } from './schema.ts';
import { WebhookInbox } from './webhook-inbox.ts';

export interface WebhookInboxes {
  readonly payments: WebhookInbox;
  readonly channel: WebhookInbox;
}

/** Who sends events. The database has the same choices, and refuses others. */
export function webhookInboxes(db: Db): WebhookInboxes {
  return {
    payments: new WebhookInbox(db, { source: 'payments', uniqueness: 'global' }),
    channel: new WebhookInbox(db, { source: 'channel', uniqueness: 'tenant' }),
  };
}
