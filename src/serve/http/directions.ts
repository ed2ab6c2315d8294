/** What `/` says where there is no page: where the data is. */
export const DIRECTIONS = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>nlink</title>
<h1>nlink</h1>
<p>The network namespaces of this host:</p>
<ul>
<li><a href="/metrics">/metrics</a>, for Prometheus</li>
<li><a href="/v1/namespaces">/v1/namespaces</a>, as JSON; one by nsid:N, inode:N, id:N or name below it</li>
<li><a href="/v1/links">/v1/links</a>, as JSON</li>
<li><a href="/v1/events">/v1/events</a>, as they happen: SSE, or NDJSON by Accept</li>
<li><a href="/healthz">/healthz</a> and <a href="/readyz">/readyz</a></li>
</ul>
</html>
`;
