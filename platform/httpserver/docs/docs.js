// Draws the API reference from the description that the server gives of itself.

import { tryOut } from '/docs/try.js';

const methods = ['get', 'post', 'put', 'patch', 'delete'];

/** Makes an element: el('a', {href: '#x'}, 'text', child, …). Nothing is ever parsed as HTML. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter(child => child !== undefined && child !== null));
  return element;
}

/** Follows a reference within the description. */
function resolve(api, thing) {
  while (thing?.$ref) thing = thing.$ref.slice(2).split('/').reduce((at, key) => at?.[key], api);
  return thing ?? {};
}

function operations(api) {
  return Object.entries(api.paths ?? {}).flatMap(([path, item]) =>
    methods.filter(method => item[method]).map(method => ({ method, path, ...item[method] })));
}

function byTag(list) {
  const groups = new Map();
  for (const operation of list) {
    const tag = operation.tags?.[0] ?? 'other';
    groups.set(tag, [...(groups.get(tag) ?? []), operation]);
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b));
}

function draw(api) {
  document.title = `${api.info.title}: API reference`;
  document.getElementById('title').textContent = `${api.info.title} API`;
  document.getElementById('description').textContent = api.info.description ?? '';
  const index = document.getElementById('index');
  const main = document.getElementById('operations');
  main.replaceChildren();
  for (const [tag, list] of byTag(operations(api))) {
    const links = list.map(o => el('a', { href: `#${o.operationId}` }, badge(o), el('span', { title: o.path }, o.summary ?? o.path)));
    index.append(el('div', {}, el('h2', {}, tag), ...links));
    main.append(el('section', {}, el('h2', {}, tag), ...list.map(o => card(api, o))));
  }
  filterBy(document.getElementById('filter'));
  addEventListener('hashchange', reveal);
  reveal();
}

const badge = o => el('span', { class: `method ${o.method}` }, o.method.toUpperCase());

function card(api, o) {
  const details = el('details', { class: 'operation', id: o.operationId },
    el('summary', {}, badge(o), el('span', { class: 'path' }, o.path), el('span', { class: 'about' }, o.summary ?? ''),
      el('span', { class: 'chip' }, o['x-access'] ?? 'anyone')));
  // Drawn when opened: a shop has many operations, and a reader looks at few.
  details.addEventListener('toggle', () => details.append(body(api, o)), { once: true });
  return details;
}

function body(api, o) {
  const content = resolve(api, o.requestBody).content ?? {};
  const [mediaType] = Object.keys(content);
  const schema = content[mediaType]?.schema;
  const parameters = (o.parameters ?? []).map(p => resolve(api, p));
  return el('div', {},
    o.description ? el('p', {}, o.description) : null,
    ...(parameters.length ? [el('h3', {}, 'Parameters'), el('ul', { class: 'fields' },
      ...parameters.map(p => field(api, p.name, p.schema, p.required, p.description, p.in)))] : []),
    ...(schema ? [el('h3', {}, `Body, ${mediaType}`), fields(api, schema)] : []),
    el('h3', {}, 'Answers'),
    ...Object.entries(o.responses ?? {}).map(([status, response]) => answer(api, status, resolve(api, response))),
    el('h3', {}, 'Try it'),
    tryOut(o, parameters, schema ? JSON.stringify(example(api, schema), null, 2) : undefined));
}

function answer(api, status, response) {
  const [[mediaType, media] = []] = Object.entries(response.content ?? {});
  return el('details', {}, el('summary', {}, el('code', {}, status), ` ${response.description ?? ''} `, el('span', { class: 'type' }, mediaType ?? 'no body')),
    media?.schema ? fields(api, media.schema) : null);
}

function fields(api, schema, depth = 0) {
  const actual = resolve(api, schema);
  if (actual.items) return fields(api, actual.items, depth);
  const names = Object.entries(actual.properties ?? {});
  return el('ul', { class: 'fields' }, ...names.map(([name, property]) =>
    field(api, name, property, actual.required?.includes(name), undefined, undefined, depth)));
}

function field(api, name, schema, required, description, place, depth = 0) {
  const actual = resolve(api, schema);
  const inner = resolve(api, actual.items ?? actual);
  return el('li', {}, el('code', { class: required ? 'required' : undefined }, name),
    el('span', { class: 'type' }, `  ${[place, typeOf(api, actual), bounds(actual)].filter(Boolean).join(', ')}`),
    description ?? actual.description ? el('div', { class: 'quiet' }, description ?? actual.description) : null,
    inner.properties && depth < 5 ? fields(api, inner, depth + 1) : null);
}

function typeOf(api, schema) {
  if (schema.items) return `list of ${typeOf(api, resolve(api, schema.items))}`;
  const types = [schema.type ?? 'anything'].flat().join(' or ');
  return schema.format ? `${types} (${schema.format})` : types;
}

function bounds(schema) {
  const said = [];
  if (schema.enum) said.push(`one of ${schema.enum.join(', ')}`);
  const from = schema.minimum ?? schema.minLength ?? schema.minItems;
  const to = schema.maximum ?? schema.maxLength ?? schema.maxItems;
  if (from !== undefined || to !== undefined) said.push(`${from ?? ''} … ${to ?? ''}`);
  if (schema.pattern) said.push(schema.pattern);
  if (schema.default !== undefined) said.push(`default ${schema.default}`);
  return said.join(', ');
}

function example(api, schema, depth = 0) {
  const actual = resolve(api, schema);
  if (actual.examples?.length) return actual.examples[0];
  if (actual.default !== undefined) return actual.default;
  if (actual.enum) return actual.enum[0];
  if (actual.items) return depth > 4 ? [] : [example(api, actual.items, depth + 1)];
  if (actual.properties) {
    return Object.fromEntries(Object.entries(actual.properties)
      .filter(([name]) => actual.required?.includes(name)).map(([name, p]) => [name, example(api, p, depth + 1)]));
  }
  return { integer: actual.minimum ?? 1, number: actual.minimum ?? 1, boolean: false }[[actual.type].flat()[0]] ?? '';
}

function filterBy(input) {
  input.addEventListener('input', () => {
    const wanted = input.value.trim().toLowerCase();
    for (const item of document.querySelectorAll('nav a, details.operation')) {
      item.hidden = !item.textContent.toLowerCase().includes(wanted);
    }
    for (const group of document.querySelectorAll('nav > div, #operations > section')) {
      group.hidden = !group.querySelector('a:not([hidden]), details.operation:not([hidden])');
    }
  });
}

function reveal() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  target.open = true;
  target.scrollIntoView();
}

fetch('/openapi.json').then(response => response.json()).then(draw).catch(problem => {
  document.getElementById('operations').replaceChildren(el('p', {}, `The description could not be read: ${problem.message}`));
});
