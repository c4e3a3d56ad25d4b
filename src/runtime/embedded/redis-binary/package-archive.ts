import { isDebianLike, type Distribution } from './distribution.ts';
import { findOnPath } from './search-path.ts';

/** A distribution's package archive, and the programs that fetch and unpack its packages. */
export interface PackageArchive {
  /** Such as `the Debian archive`. */
  readonly name: string;
  readonly distribution: Distribution;
  /** Absolute paths. */
  readonly aptGet: string;
  readonly dpkgDeb: string;
}

/** The archive from which Redis can be fetched without being installed, or in words why there is none. */
export async function findPackageArchive(
  distribution: Distribution | undefined,
  searchPath: string,
): Promise<PackageArchive | string> {
  if (distribution === undefined || !isDebianLike(distribution)) {
    return `Redis can be fetched only from the archives of Debian and Ubuntu, and this is ${distribution?.name ?? process.platform}`;
  }
  const [aptGet] = await findOnPath('apt-get', searchPath);
  const [dpkgDeb] = await findOnPath('dpkg-deb', searchPath);
  if (aptGet === undefined || dpkgDeb === undefined) {
    return `${aptGet === undefined ? 'apt-get' : 'dpkg-deb'}, with which Redis could be fetched, is not on PATH`;
  }
  return { name: `the ${distribution.name} archive`, distribution, aptGet, dpkgDeb };
}
