// Azurite on free ports of the loopback interface, which it does not offer in one line: prints the URLs of its three services when they
// answer. It keeps everything in memory, and ends with its standard input, so that it never outlives who started it.
import { createRequire } from 'node:module';

const options = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
for (const service of ['blob', 'queue', 'table']) options.push(`--${service}Host`, '127.0.0.1', `--${service}Port`, '0');
process.argv.splice(1, Infinity, 'azurite', ...options);

const urls = [];
const print = console.log;
console.log = line => {
  const listening = /successfully listening at (\S+)/.exec(line);
  if (listening && urls.push(listening[1]) === 3) print(urls.join(' '));
};
process.stdin.on('end', () => process.exit()).resume();
createRequire(`${process.cwd()}/`)('azurite/dist/src/azurite.js');
