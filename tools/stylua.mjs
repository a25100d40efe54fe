// Formats Lua with the stylua that npm has: a library without a command line.
//   node tools/stylua.mjs [--check] DIR…
import { readFileSync, writeFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";

const require = createRequire(new URL("../.tools/", import.meta.url));
const { formatCode, Config, IndentType, OutputVerification } = require("@johnnymorganz/stylua");

// Made anew for each file: formatting uses it up.
function style() {
  const config = Config.new();
  config.indent_type = IndentType.Spaces;
  config.indent_width = 2;
  config.column_width = 100;
  return config;
}

function* luaFiles(path) {
  if (!statSync(path).isDirectory()) {
    if (path.endsWith(".lua")) yield path;
    return;
  }
  for (const name of readdirSync(path).sort()) yield* luaFiles(join(path, name));
}

const check = process.argv.includes("--check");
let wrong = 0;
for (const root of process.argv.slice(2).filter((argument) => !argument.startsWith("--"))) {
  for (const file of luaFiles(root)) {
    const before = readFileSync(file, "utf8");
    const after = formatCode(before, style(), undefined, OutputVerification.None);
    if (after === before) continue;
    wrong += 1;
    console.log(`${check ? "would change" : "formatted"} ${file}`);
    if (!check) writeFileSync(file, after);
  }
}
process.exit(check && wrong > 0 ? 1 : 0);
