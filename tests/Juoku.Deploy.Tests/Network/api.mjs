// Just enough of a Kubernetes API server for a controller to start and lead, on [::1]:6443: a Deployment of no workers, a Lease that remembers.
import { createServer } from 'node:http';

let lease, version = 1;
const deployment = { metadata: { name: 'workers', namespace: 'juoku', uid: '1', resourceVersion: '1' }, spec: { replicas: 0, selector: { matchLabels: { app: 'workers' } } }, status: {} };
const scale = { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: deployment.metadata, spec: { replicas: 0 }, status: { replicas: 0 } };
const remember = body => (lease = { ...body, metadata: { ...body.metadata, uid: '2', resourceVersion: `${++version}` } });
const answer = (method, path, body) => {
  if (path.endsWith('/selfsubjectaccessreviews')) return { ...body, status: { allowed: true } };
  if (path.endsWith('/deployments/workers')) return deployment;
  if (path.endsWith('/scale')) return scale;
  if (path.includes('/leases')) return method === 'GET' ? lease : remember(body);
  if (path.endsWith('/pods')) return { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items: [] };
  return method === 'GET' ? undefined : body;
};
const server = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  const found = answer(request.method, new URL(request.url, 'http://api').pathname, text && JSON.parse(text));
  response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(found ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', message: request.url, code: 404 }));
});
server.listen(6443, '::1', () => console.log('ready'));
process.stdin.on('end', () => process.exit()).resume();
