// parse.mjs FOLDER: prints the Terraform files of a folder as one JSON object, {"main.tf": {…}}; a file that does not parse, as a string: its error.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { parse } = createRequire(`${process.cwd()}/`)('@cdktf/hcl2json');
const folder = process.argv[1];
const files = {};
for (const name of readdirSync(folder).filter(name => name.endsWith('.tf')).sort())
  files[name] = await parse(name, readFileSync(join(folder, name), 'utf8')).catch(error => String(error?.message ?? error));
console.log(JSON.stringify(files));
process.exit();
