import { stripTypeScriptTypes } from 'node:module';

/** Has Jest read TypeScript as Node does. */
export default { process: (source) => ({ code: stripTypeScriptTypes(source) }) };
