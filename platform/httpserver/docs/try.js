// A form that sends one operation to this very server.

import { el } from '/docs/docs.js';

/** Returns the form of an operation; body is an example, or undefined where none is taken. */
export function tryOut(operation, parameters, body) {
  const inputs = parameters.map(p => [p, el('input', { placeholder: p.schema?.default ?? '', 'aria-label': p.name })]);
  const text = body === undefined ? undefined : el('textarea', { spellcheck: 'false', 'aria-label': 'Body' });
  if (text) text.value = body;
  const result = el('pre', { hidden: true, 'aria-live': 'polite' });
  const form = el('form', {}, ...inputs.map(([p, input]) => el('label', {}, `${p.name} (${p.in})`, input)), text, el('button', {}, 'Send'), result);
  form.addEventListener('submit', async event => {
    event.preventDefault();
    result.hidden = false;
    result.textContent = '…';
    result.textContent = await send(operation, inputs, text?.value).catch(problem => problem.message);
  });
  return form;
}

async function send(operation, inputs, body) {
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const token = document.getElementById('token').value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  let path = operation.path;
  const query = new URLSearchParams();
  for (const [{ name, in: place }, { value }] of inputs) {
    if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value && place === 'query') query.set(name, value);
    else if (value && place === 'header') headers[name] = value;
  }
  const address = query.size ? `${path}?${query}` : path;
  const begun = performance.now();
  const response = await fetch(address, { method: operation.method.toUpperCase(), headers, body });
  const took = Math.round(performance.now() - begun);
  return `${response.status} ${response.statusText}  (${took} ms)\n\n${pretty(await response.text())}`;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
