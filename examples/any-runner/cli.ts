import { Guestbook } from './guestbook.ts';

const { DATABASE_URL = '', REDIS_URL = '' } = process.env;
const [name] = process.argv.slice(2);

const guestbook = new Guestbook(DATABASE_URL, REDIS_URL);
try {
  if (name === undefined) {
    console.log(await guestbook.page());
  } else {
    await guestbook.sign(name);
  }
} finally {
  await guestbook.close();
}
