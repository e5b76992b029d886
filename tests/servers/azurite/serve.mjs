// Azurite on the loopback address given, on free ports or on three from the one given: prints the URLs of its three services when they
// answer. It keeps everything in memory, and ends with its standard input, so that it never outlives who started it.
import { createRequire } from 'node:module';

const [host, port = 0] = process.argv.slice(1);
const options = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
['blob', 'queue', 'table'].forEach((service, i) => options.push(`--${service}Host`, host, `--${service}Port`, `${port && +port + i}`));
process.argv.splice(1, Infinity, 'azurite', ...options);

const urls = [];
const print = console.log;
console.log = line => {
  const listening = /successfully listening at http:\/\/\S*:(\d+)/.exec(line);
  if (listening && urls.push(`http://${host.includes(':') ? `[${host}]` : host}:${listening[1]}`) === 3) print(urls.join(' '));
};
process.stdin.on('end', () => process.exit()).resume();
createRequire(`${process.cwd()}/`)('azurite/dist/src/azurite.js');
