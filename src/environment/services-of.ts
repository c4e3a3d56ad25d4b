import type { EnvironmentDefinition } from '../config/definition.ts';
import type { PostgresDetails, RedisDetails } from '../connection/details.ts';
import type { Service, ServiceScope } from '../service/service.ts';

type ServerDetails<Definition extends EnvironmentDefinition> = (Definition extends { readonly postgres: false }
  ? unknown
  : { readonly postgres: PostgresDetails }) &
  (Definition extends { readonly redis: false } ? unknown : { readonly redis: RedisDetails });

type ListedService<Definition extends EnvironmentDefinition> = Definition extends {
  readonly services: readonly (infer Listed extends Service)[];
}
  ? Listed
  : never;

/** The connection details of each service of the run, by name; `undefined` for a service that has none. */
export type DetailsOf<Definition extends EnvironmentDefinition> = ServerDetails<Definition> & {
  readonly [
    Listed in Extract<ListedService<Definition>, { readonly scope: 'run' }> as Listed['name']
  ]: Listed extends Service<string, unknown, infer Details> ? Details : never;
};

/** The value of each of a definition's own services of that scope, by name. */
export type ServicesOf<Definition extends EnvironmentDefinition, Scope extends ServiceScope> = {
  readonly [
    Listed in Extract<ListedService<Definition>, { readonly scope: Scope }> as Listed['name']
  ]: Listed extends Service<string, infer Value> ? Value : never;
};
