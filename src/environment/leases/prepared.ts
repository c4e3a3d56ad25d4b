import type { Migrations } from '../../config/lease-definition.ts';
import type { Service } from '../../service/service.ts';

/** What a template is filled by. */
export interface Fillers {
  readonly migrations: Migrations | undefined;
  /** The services of leases, each after those that it depends on. */
  readonly services: readonly Service[];
}

/** Whether there is anything to be put into the template. */
export function isPrepared({ migrations, services }: Fillers): boolean {
  return migrations !== undefined || services.some(({ preparation }) => preparation !== undefined);
}
