// Azurite on free ports of the loopback address given, which it does not offer in one line: prints the URLs of its three services when they
// answer. It keeps everything in memory, and ends with its standard input, so that it never outlives who started it.
import { createRequire } from 'node:module';

const host = process.argv[1];
const options = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
for (const service of ['blob', 'queue', 'table']) options.push(`--${service}Host`, host, `--${service}Port`, '0');
process.argv.splice(1, Infinity, 'azurite', ...options);

const urls = [];
const print = console.log;
console.log = line => {
  const listening = /successfully listening at http:\/\/\S*:(\d+)/.exec(line);
  if (listening && urls.push(`http://${host.includes(':') ? `[${host}]` : host}:${listening[1]}`) === 3) print(urls.join(' '));
};
process.stdin.on('end', () => process.exit()).resume();
createRequire(`${process.cwd()}/`)('azurite/dist/src/azurite.js');
