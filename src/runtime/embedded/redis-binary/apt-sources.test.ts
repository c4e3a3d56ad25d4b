import { expect, test } from 'vitest';
import { chooseSources } from './apt-sources.ts';
import type { Distribution } from './distribution.ts';

const debian: Distribution = {
  name: 'Debian',
  ids: ['debian'],
  codenames: ['bookworm'],
  platform: 'debian-bookworm-x64',
};
const ubuntu: Distribution = {
  name: 'Linux Mint',
  ids: ['linuxmint', 'ubuntu', 'debian'],
  codenames: ['wilma', 'noble'],
  platform: 'linuxmint-wilma-x64',
};

test("other vendors' archives are left out, and the distribution's mirror and options are kept", () => {
  const text = [
    '# comment',
    'deb [arch=amd64] http://mirror.company.test/debian bookworm main contrib # ours',
    'deb-src http://mirror.company.test/debian bookworm main',
    'deb http://security.debian.org/debian-security bookworm-security main',
    'deb [signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/debian bookworm stable',
    'deb [signed-by=/usr/share/keyrings/redis.gpg] https://packages.redis.io/deb bookworm main',
    'deb https://apt.postgresql.org/pub/repos/apt bookworm-pgdg main',
    'deb cdrom:[Debian GNU/Linux 12]/ bookworm main',
  ].join('\n');

  expect(chooseSources([{ name: 'sources.list', text }], debian)).toEqual([
    {
      name: 'distribution.list',
      text: [
        'deb [arch=amd64] http://mirror.company.test/debian bookworm main',
        'deb http://security.debian.org/debian-security bookworm-security main',
        '',
      ]
        .join('\n\n')
        .replace(/\n\n$/, '\n'),
    },
  ]);
});

test('stanzas keep every field that is not restricted, and disabled ones are left out', () => {
  const text = [
    'Types: deb deb-src',
    'URIs: mirror+file:/etc/apt/mirrors.txt',
    '# a comment within a stanza',
    'Suites: noble noble-updates',
    ' noble-backports noble-proposed',
    'Components: main restricted universe multiverse',
    'Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg',
    '',
    'Enabled: no',
    'Types: deb',
    'URIs: http://old.test/ubuntu',
    'Suites: noble',
    'Components: main',
    '',
  ].join('\n');

  const [chosen, ...others] = chooseSources([{ name: 'sources.list.d/ubuntu.sources', text }], ubuntu);

  expect(others).toEqual([]);
  expect(chosen).toEqual({
    name: 'distribution.sources',
    text: [
      'types: deb',
      'uris: mirror+file:/etc/apt/mirrors.txt',
      'suites: noble noble-updates',
      'components: main universe',
      'signed-by: /usr/share/keyrings/ubuntu-archive-keyring.gpg',
      '',
    ].join('\n'),
  });
});

test('a key that is written into the stanza stays as it is', () => {
  const key = [
    'Signed-By:',
    ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
    ' .',
    ' mDMEY865UxYJKwYBBAHaRw8',
    ' -----END PGP PUBLIC KEY BLOCK-----',
  ];
  const text = ['Types: deb', 'URIs: http://mirror.test/debian', 'Suites: bookworm', 'Components: main', ...key].join(
    '\n',
  );

  const [chosen] = chooseSources([{ name: 'company.sources', text }], debian);

  expect(chosen?.text).toContain(key.slice(1).join('\n'));
});

test('a company whose mirror is signed with its own key has it used', () => {
  const text = 'deb [signed-by=/etc/apt/keyrings/company.gpg] https://apt.company.test/debian bookworm main';

  expect(chooseSources([{ name: 'sources.list', text }], debian)).toEqual([
    { name: 'distribution.list', text: `${text}\n` },
  ]);
});

test('an archive that is followed as "stable" counts only where none is followed by codename', () => {
  const stable = 'deb http://deb.debian.org/debian stable main';
  const bookworm = 'deb http://deb.debian.org/debian bookworm main';

  expect(chooseSources([{ name: 'sources.list', text: stable }], debian)[0]?.text).toBe(`${stable}\n`);
  expect(chooseSources([{ name: 'sources.list', text: `${stable}\n${bookworm}` }], debian)[0]?.text).toBe(
    `${bookworm}\n`,
  );
});

test("where no archive can be told to be the distribution's, none is chosen", () => {
  const text = 'deb https://deb.nodesource.com/node_24.x nodistro main';

  expect(chooseSources([{ name: 'nodesource.list', text }], debian)).toEqual([]);
});
