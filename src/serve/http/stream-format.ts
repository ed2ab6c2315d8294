/** Whether a client of the stream wants SSE or NDJSON: by `Accept` (RFC 9110, 12.5.1). */
import type { StreamFormat } from '../events/message.ts';

export const STREAM_TYPES: Readonly<Record<StreamFormat, string>> = {
  sse: 'text/event-stream; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

const NDJSON: ReadonlySet<string> = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
]);

/** The one with the greater weight; SSE where neither is preferred. */
export function streamFormatOf(accept: string | undefined): StreamFormat {
  let sse = 0;
  let ndjson = 0;
  for (const part of (accept ?? '*/*').split(',')) {
    const [type = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
    const weight = weightOf(parameters);
    if (NDJSON.has(type)) ndjson = Math.max(ndjson, weight);
    else if (type === 'text/event-stream') sse = Math.max(sse, weight);
  }
  return ndjson > sse ? 'ndjson' : 'sse';
}

function weightOf(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith('q='))?.slice('q='.length);
  if (text === undefined) return 1;
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
