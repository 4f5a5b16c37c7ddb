// Compresses files and writes the C++ source that carries them in the binary:
//   node embed.mjs OUTPUT_CPP OPENAPI_JSON OPERATION_ID=URL_PATH=FILE...
// Same input, same output: nothing here depends on time or place but the absolute paths in the .incbin lines.
import { readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { basename, dirname, extname, join, resolve } from 'node:path';

const [output, openapi_json, ...entries] = process.argv.slice(2);
const content_types = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png', '.json': 'application/json',
};
// Up to this size a file is carried uncompressed as well, for clients that do not take gzip: the page and the document, not
// the megabytes of script and style that only browsers ask for.
const identity_bytes_max = 256 * 1024;

const symbols = new Map();
const assembly = [];
function embed(file) {
  if (!symbols.has(file)) {
    const symbol = `edda_asset_${symbols.size}`;
    assembly.push(`${symbol}_begin:`, `.incbin "${resolve(file)}"`, `${symbol}_end:`, '.byte 0');
    symbols.set(file, symbol);
  }
  return symbols.get(file);
}
const view = (symbol) => `view(${symbol}_begin, ${symbol}_end)`;

const rows = entries.map((entry) => {
  const [name, path, file] = entry.split('=');
  const bytes = readFileSync(file);
  const packed = join(dirname(output), `${basename(file)}.gz`);
  writeFileSync(packed, gzipSync(bytes, { level: 9 }));
  const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  const identity = bytes.length <= identity_bytes_max ? view(embed(file)) : '{}';
  return `    Asset{"${name}", "${path}", "${content_types[extname(file)]}", ${view(embed(packed))}, ${identity}, "\\"${etag}\\""},`;
});
const document_symbol = embed(openapi_json);

const externs = [...symbols.values()].map((symbol) => `extern const char ${symbol}_begin[], ${symbol}_end[];`);
writeFileSync(output, `#include <array>

#include "http/openapi/assets.hpp"

__asm__(R"(
.section .rodata.edda_assets,"a"
${assembly.join('\n')}
.previous
)");

extern "C" {
${externs.join('\n')}
}

namespace edda::http {
namespace {

std::string_view view(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }

}  // namespace

std::span<const Asset> assets() {
  static const std::array table{
${rows.join('\n')}
  };
  return table;
}

std::string_view openapi_json() { return ${view(document_symbol)}; }

}  // namespace edda::http
`);
