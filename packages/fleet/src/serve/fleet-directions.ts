/** What `/` says where there is no page: where the data is. */
export const FLEET_DIRECTIONS = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>nlink-fleet</title>
<h1>nlink-fleet</h1>
<p>The network namespaces of many hosts:</p>
<ul>
<li><a href="/v1/hosts">/v1/hosts</a>, as JSON; below it one by its id, with /namespaces and /links</li>
<li><a href="/v1/search?q=blue">/v1/search?q=</a>, over all hosts</li>
<li><a href="/v1/events">/v1/events</a>, as they happen: SSE, or NDJSON by Accept; ?open=ID,ID</li>
<li><a href="/metrics">/metrics</a>, for Prometheus, and <a href="/sd">/sd</a>, for its service discovery</li>
<li><a href="/healthz">/healthz</a> and <a href="/readyz">/readyz</a></li>
</ul>
</html>
`;
