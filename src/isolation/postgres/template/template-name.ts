import { createHash } from 'node:crypto';

/** The format of templates and of what the registry keeps of them. Raised when what was made before is of no use. */
const format = 1;

/** Everything that makes one template differ from another. */
export interface TemplateIdentity {
  /** The server's `server_version_num`. */
  readonly version: number;
  /** A digest of the extensions that the server can give. */
  readonly extensions: string;
  /** The user that owns what is prepared, where that is not a user made for it. */
  readonly owner: string | undefined;
  /** Digests of what is prepared, in order. */
  readonly content: readonly string[];
}

/** The name of the template that has this identity, and of its owner. */
export function templateName({ version, extensions, owner, content }: TemplateIdentity): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([format, version, extensions, owner ?? null, content]))
    .digest('hex');
  return `mayfly_template_${digest.slice(0, 20)}`;
}
