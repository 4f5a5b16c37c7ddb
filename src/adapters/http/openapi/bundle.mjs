// Makes one OpenAPI document, as JSON, of the YAML files in spec/:
//   node bundle.mjs JS_YAML SPEC_DIR VERSION OUTPUT
// openapi.yaml says how the pieces fit. A name that is defined twice, a reference to nothing, and a component that nothing
// refers to are errors.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createRequire } from 'node:module';

const [js_yaml, spec_dir, version, output] = process.argv.slice(2);
const yaml = createRequire(import.meta.url)(resolve(js_yaml));

const read = (file) => yaml.load(readFileSync(join(spec_dir, file), 'utf8'), { filename: file });
const fail = (message) => { console.error(`openapi: ${message}`); process.exit(1); };

function merge_folder(folder) {
  const merged = {};
  for (const file of readdirSync(join(spec_dir, folder)).filter((name) => name.endsWith('.yaml')).sort()) {
    for (const [name, value] of Object.entries(read(join(folder, file)))) {
      if (name in merged) fail(`${folder}/${file} defines ${name} a second time`);
      merged[name] = value;
    }
  }
  return merged;
}

const problem = { $ref: '#/components/schemas/Problem' };
const old_error = { $ref: '#/components/schemas/OldError' };

/// responses.yaml: each status as a response of /v1 and as one of the old routes.
function refusals() {
  const responses = {};
  for (const [status, response] of Object.entries(read('responses.yaml'))) {
    responses[`Problem${status}`] = { ...response, content: { 'application/problem+json': { schema: problem } } };
    responses[`Error${status}`] = {
      ...response,
      content: { 'application/json': { schema: old_error }, 'application/problem+json': { schema: problem } },
    };
  }
  return responses;
}

function statuses_of(operation, needs_token) {
  const statuses = new Set([400, 406, 414, 429, 431, 503, ...(operation['x-problems'] ?? []), ...(operation['x-errors'] ?? [])]);
  if (needs_token) statuses.add(401);
  if (operation.requestBody) statuses.add(413).add(415);
  return statuses;
}

function complete(path, operation, default_security) {
  const completed = { ...operation, responses: { ...operation.responses } };
  const kind = path.startsWith('/v1/') ? 'Problem' : 'Error';
  if (operation[kind === 'Problem' ? 'x-errors' : 'x-problems']) fail(`${path}: the wrong shorthand for its errors`);
  const needs_token = (operation.security ?? default_security).some((scheme) => 'bearer' in scheme);
  for (const status of statuses_of(operation, needs_token)) {
    completed.responses[status] ??= { $ref: `#/components/responses/${kind}${status}` };
  }
  delete completed['x-problems'];
  delete completed['x-errors'];
  return completed;
}

function check_references(document) {
  const seen = new Set();
  const visit = (node) => {
    if (node === null || typeof node !== 'object') return;
    if (typeof node.$ref === 'string') seen.add(node.$ref);
    Object.values(node).forEach(visit);
  };
  visit(document);
  for (const ref of seen) {
    const found = ref.slice(2).split('/').reduce((node, key) => node?.[key], document);
    if (found === undefined) fail(`${ref} refers to nothing`);
  }
  for (const section of ['schemas', 'parameters', 'headers', 'responses']) {
    for (const name of Object.keys(document.components[section])) {
      if (seen.has(`#/components/${section}/${name}`)) continue;
      if (section === 'responses') delete document.components.responses[name];  // made for every status, whether needed or not
      else fail(`nothing refers to ${section}/${name}`);
    }
  }
}

const document = read('openapi.yaml');
document.info.version = version;
document.paths = {};
for (const [path, item] of Object.entries(merge_folder('paths'))) {
  document.paths[path] = Object.fromEntries(
    Object.entries(item).map(([method, operation]) => [method, complete(path, operation, document.security)]));
}
Object.assign(document.components, {
  schemas: merge_folder('schemas'),
  parameters: read('parameters.yaml'),
  headers: read('headers.yaml'),
  responses: { ...refusals(), ...read('documents.yaml') },
});
check_references(document);
writeFileSync(output, JSON.stringify(document));
