/// <reference lib="esnext.disposable" />

export { uniqueNames, type UniqueNames, type UniqueNamesOptions } from './names.ts';
