import { defineEnvironment } from 'mayfly';

export default defineEnvironment({ migrations: './migrations' });
