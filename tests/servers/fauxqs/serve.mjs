// fauxqs by itself listens on every interface; this one on the address given, on any free port, which it prints.
// It ends with its standard input, so that it never outlives who started it.
import { buildApp } from 'fauxqs';

const app = buildApp({ logger: false });
console.log(await app.listen({ port: 0, host: process.argv[1] }));
process.stdin.on('end', () => process.exit()).resume();
