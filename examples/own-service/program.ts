import { startEnvironment } from 'mayfly';
import definition from './mayfly.config.ts';

const environment = await startEnvironment(definition);

const { healthy, services } = await environment.health();
console.log(healthy, Object.keys(services));

await environment.reset();
console.log(await (await fetch(environment.details.guestbook.url)).json());

await environment.stop();
