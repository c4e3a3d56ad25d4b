import { MayflyError } from '../../errors/mayfly-error.ts';
import { showOne } from '../shown.ts';

/** What says of a message what it is: a schema of zod's, or of any library with [Standard Schema](https://standardschema.dev). */
export interface MessageSchema<Message> {
  readonly '~standard': {
    readonly validate: (value: unknown) => Verdict<Message> | Promise<Verdict<Message>>;
    readonly types?: { readonly input: unknown; readonly output: Message } | undefined;
  };
}

type Verdict<Message> =
  | { readonly value: Message; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

/**
 * What was sent: text that is JSON as its value, other text as it is, bytes as a Buffer; checked where there is a schema.
 *
 * @throws MayflyError `MAYFLY_MESSAGE_INVALID` where the schema refuses it.
 */
export function readMessage<Message>(data: Buffer, isBinary: boolean, schema?: MessageSchema<Message>): Message {
  const sent: unknown = isBinary ? data : readText(data.toString('utf8'));
  if (schema === undefined) {
    return sent as Message;
  }
  const verdict = schema['~standard'].validate(sent);
  if (verdict instanceof Promise) {
    // Messages would overtake each other.
    verdict.catch(() => {});
    throw invalid(sent, ['the schema answers with a promise, and only one that answers at once can be used']);
  }
  if (verdict.issues !== undefined) {
    throw invalid(
      sent,
      verdict.issues.map(({ message, path = [] }) => [path.map(keyOf).join('.'), message].filter(Boolean).join(': ')),
    );
  }
  return verdict.value;
}

function readText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A step of a path is a key, or an object that has one. */
function keyOf(step: unknown): string {
  return String(typeof step === 'object' && step !== null && 'key' in step ? step.key : step);
}

function invalid(message: unknown, issues: readonly string[]): MayflyError {
  return new MayflyError('MAYFLY_MESSAGE_INVALID', {
    message: `A message from the server does not fit the schema: ${showOne(message)}`,
    output: issues,
    remedy: 'Correct what the server sends, or the `schema` given to `connectWebSocket`.',
    phase: 'run',
  });
}
