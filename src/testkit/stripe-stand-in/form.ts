/** What a form holds: texts, and forms within it. Lists have their places as keys. */
export interface Form {
  [key: string]: string | Form;
}

/** The fields of `a[b][0]=c`, as Stripe's clients write them in bodies and queries. */
export function decodeForm(text: string): Form {
  const form: Form = Object.create(null) as Form;
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.split(/\[|\]\[|\]/).filter((part, index) => index === 0 || part !== '');
    put(form, path.length === 0 ? [name] : path, value);
  }
  return form;
}

function put(form: Form, [key = '', ...rest]: readonly string[], value: string): void {
  if (rest.length === 0) {
    form[key] = value;
    return;
  }
  const inner = form[key];
  const next: Form = typeof inner === 'object' ? inner : (Object.create(null) as Form);
  form[key] = next;
  put(next, rest, value);
}
