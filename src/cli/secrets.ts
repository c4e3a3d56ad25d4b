const mask = '***';

/** The same data with every password replaced, in fields of that name and inside URLs. */
export function hideSecrets<T>(data: T): T {
  return hide(data, '') as T;
}

function hide(value: unknown, field: string): unknown {
  if (typeof value === 'string') {
    return /password|secret|token/i.test(field) ? mask : hideInUrl(value);
  }
  if (Array.isArray(value)) {
    return value.map((item) => hide(item, field));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hide(inner, name)]));
  }
  return value;
}

function hideInUrl(text: string): string {
  return text.replace(/(?<=^[a-z][a-z+.-]*:\/\/[^/?#]*:)[^@/?#]+(?=@)/i, mask);
}
