const mask = '***';

/** The same data with every password replaced, in fields of that name and inside URLs. */
export function hideSecrets<T>(data: T): T {
  return hide(data, '') as T;
}

function hide(value: unknown, field: string): unknown {
  if (/pass|secret|token|api.?key|credential|^auth|^pw/i.test(field)) {
    return mask;
  }
  if (typeof value === 'string') {
    return hideInText(value);
  }
  if (Array.isArray(value)) {
    return value.map((item) => hide(item, field));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hide(inner, name)]));
  }
  return value;
}

/** In a URL between colon and @, and wherever it says `password=`. */
function hideInText(text: string): string {
  return text
    .replaceAll(/(?<=\b[a-z][a-z+.-]*:\/\/[^/?#\s]*:)[^@/?#\s]+(?=@)/gi, mask)
    .replaceAll(/(?<=\b(?:password|pwd)=)[^&\s]+/gi, mask);
}
