import { ApiError } from './api-error.ts';
import type { Form } from './form.ts';
import type { Store } from './store.ts';

/** A copy in which the fields named by `expand` are the things themselves (https://docs.stripe.com/expand). */
export function expanded(store: Store, value: object, paths: string | Form | undefined): object {
  const copy = structuredClone(value);
  for (const path of typeof paths === 'object' ? Object.values(paths) : []) {
    if (typeof path === 'string') {
      expand(store, copy, path.split('.'), path);
    }
  }
  return copy;
}

function expand(store: Store, value: object, [key = '', ...rest]: readonly string[], path: string): void {
  const field: unknown = Reflect.get(value, key);
  if (Array.isArray(field)) {
    for (const item of field as readonly object[]) {
      expand(store, item, rest, path);
    }
    return;
  }
  // There is nothing in its place yet.
  if (field === null) {
    return;
  }
  const target: unknown = typeof field === 'string' ? structuredClone(store.find(field)) : field;
  if (typeof target !== 'object' || target === null) {
    throw ApiError.invalid(`This property cannot be expanded (${path}).`, { param: 'expand' });
  }
  Reflect.set(value, key, target);
  if (rest.length > 0) {
    expand(store, target, rest, path);
  }
}
