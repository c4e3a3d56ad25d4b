import { z } from 'zod';
import { MayflyError } from '../errors/mayfly-error.ts';
import { callable, milliseconds } from './option-schemas.ts';
import type {
  Dependencies,
  Preparation,
  RetryOptions,
  Service,
  ServiceContext,
  ServiceDefinition,
  ServiceRef,
  ServiceScope,
  ServiceTimeouts,
  ValuesOf,
} from './service.ts';

const defaultTimeouts: ServiceTimeouts = {
  prepare: 120_000,
  start: 30_000,
  check: 30_000,
  reset: 10_000,
  stop: 5_000,
};
const defaultRetry: RetryOptions = { attempts: 1, delay: 50, maxDelay: 2_000 };

const reference = z.looseObject(
  { name: z.string() },
  'expected a service; undefined here often means that two modules import each other',
);

const paths = z.array(z.union([z.string().min(1), z.instanceof(URL)])).min(1);

const definitionSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/, 'expected lower-case letters, digits and dashes, beginning with a letter'),
    scope: z.enum(['run', 'lease']).optional(),
    dependsOn: z.record(z.string(), reference).optional(),
    timeouts: z
      .strictObject({
        prepare: milliseconds,
        start: milliseconds,
        check: milliseconds,
        reset: milliseconds,
        stop: milliseconds,
      })
      .partial()
      .optional(),
    retry: z
      .strictObject({ attempts: z.int().positive(), delay: z.number().nonnegative(), maxDelay: milliseconds })
      .partial()
      .optional(),
    prepare: callable.optional(),
    inputs: paths.optional(),
    start: callable,
    check: callable.optional(),
    reset: callable.optional(),
    stop: callable.optional(),
    details: callable.optional(),
  })
  .refine(({ scope, prepare }) => scope !== 'run' || prepare === undefined, {
    path: ['prepare'],
    error: 'only a service of a lease has something to prepare; leave `scope` out',
  })
  .refine(({ inputs, prepare }) => inputs === undefined || prepare !== undefined, {
    path: ['inputs'],
    error: 'inputs are those of `prepare`, which is not there',
  });

/**
 * Makes a service out of its definition, with types carried from `dependsOn` into `start` and from `start` into the rest.
 *
 * @throws MayflyError `MAYFLY_DEFINITION_INVALID` when a field is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * const audit = defineService({
 *   name: 'audit',
 *   dependsOn: { postgres },
 *   start: async ({ postgres }) => AuditLog.open(postgres.url),
 *   check: (audit) => audit.ping(),
 * });
 * ```
 */
export function defineService<
  const Name extends string,
  Value,
  // No dependency is the default, so that `start` receives an empty object rather than an index signature.
  Needs extends Dependencies = Record<never, ServiceRef>,
  Details = undefined,
  const Scope extends ServiceScope = 'lease',
>(definition: ServiceDefinition<Name, Value, Needs, Details, Scope>): Service<Name, Value, Details, Scope> {
  assertValid(definition);
  return {
    name: definition.name,
    scope: definition.scope ?? ('lease' as Scope),
    dependsOn: definition.dependsOn ?? {},
    timeouts: { ...defaultTimeouts, ...definition.timeouts },
    retry: { ...defaultRetry, ...definition.retry },
    preparation: preparationOf(definition),
    start: async (dependencies, context) => definition.start(dependencies as ValuesOf<Needs, Scope>, context),
    check: async (value, context) => void (await definition.check?.(value, context)),
    reset: async (value, context) => void (await definition.reset?.(value, context)),
    stop: async (value, context) =>
      void (await (definition.stop === undefined ? dispose(value) : definition.stop(value, context))),
    details: (value) => definition.details?.(value),
  };
}

/** Refers to a service of the run that the environment provides by this name, and whose value is its details. */
export function serviceRef<const Name extends string, Details>(name: Name): ServiceRef<Name, Details, Details, 'run'> {
  return { name };
}

function preparationOf({
  prepare,
  inputs,
}: {
  readonly prepare?: (dependencies: never, context: ServiceContext) => unknown;
  readonly inputs?: readonly (string | URL)[];
}): Preparation | undefined {
  return prepare === undefined
    ? undefined
    : {
        source: String(prepare),
        inputs,
        prepare: async (dependencies, context) => void (await prepare(dependencies as never, context)),
      };
}

async function dispose(value: unknown): Promise<void> {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  if (Symbol.asyncDispose in value) {
    await (value as AsyncDisposable)[Symbol.asyncDispose]();
  } else if (Symbol.dispose in value) {
    (value as Disposable)[Symbol.dispose]();
  }
}

function assertValid(definition: { readonly name: unknown }): void {
  const parsed = definitionSchema.safeParse(definition);
  if (parsed.success) {
    return;
  }
  throw new MayflyError('MAYFLY_DEFINITION_INVALID', {
    message: `The definition of ${describe(definition)} is not valid:\n${z.prettifyError(parsed.error)}\n`,
    remedy: 'Correct the fields named above.',
    phase: 'configure',
  });
}

function describe(definition: unknown): string {
  const name: unknown =
    typeof definition === 'object' && definition !== null ? Reflect.get(definition, 'name') : undefined;
  return typeof name === 'string' ? `service "${name}"` : 'a service';
}
