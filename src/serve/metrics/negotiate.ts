/**
 * Which format and coding a client wants (RFC 9110, 12.4 and 12.5). Of several formats with the
 * same weight the one that is asked for more exactly counts, then OpenMetrics; who takes
 * everything gets text, and so does who takes nothing of it: a scrape is never refused.
 */
import type { Format } from './exposition.ts';

export interface Negotiated {
  format: Format;
  contentType: string;
  gzip: boolean;
}

/** What can be had. */
interface Offer {
  format: Format;
  type: string;
  subtype: string;
  version: string;
}

const TEXT: Offer = { format: 'text', type: 'text', subtype: 'plain', version: '0.0.4' };
/** 0.0.1 is the draft that older versions of Prometheus ask for; what is sent is the same. */
const OFFERS: readonly Offer[] = [
  { format: 'openmetrics', type: 'application', subtype: 'openmetrics-text', version: '1.0.0' },
  { format: 'openmetrics', type: 'application', subtype: 'openmetrics-text', version: '0.0.1' },
  TEXT,
];

/** One member of a list of what is wanted: `text/plain;version=0.0.4;q=0.5`. */
interface Wanted {
  /** In lower case. */
  value: string;
  parameters: ReadonlyMap<string, string>;
  weight: number;
}

/** How exactly an offer is asked for: by wildcards alone; then by type, by name, by version. */
const ANYTHING = 1;

export function negotiate(accept: string | undefined, acceptEncoding: string | undefined): Negotiated {
  const { format, type, subtype, version } = bestOffer(listOf(accept ?? ''));
  return {
    format,
    contentType: `${type}/${subtype}; version=${version}; charset=utf-8`,
    gzip: acceptsGzip(acceptEncoding),
  };
}

/** Whether that coding is one that a client likes at least as well as none. */
export const acceptsGzip = (acceptEncoding: string | undefined): boolean =>
  wantsGzip(listOf(acceptEncoding ?? ''));

function bestOffer(all: readonly Wanted[]): Offer {
  let best = { offer: TEXT, weight: 0, exactness: ANYTHING };
  for (const offer of OFFERS) {
    const { weight, exactness } = match(offer, all);
    const isBetter = weight > best.weight || (weight === best.weight && exactness > best.exactness);
    // Where nothing is asked for by its name, a reader is more likely a person.
    const isTextAsGood = offer === TEXT && weight === best.weight && exactness === ANYTHING;
    if (weight > 0 && (isBetter || isTextAsGood)) best = { offer, weight, exactness };
  }
  return best.offer;
}

/** What the most exact member says of an offer (RFC 9110, 12.5.1). */
function match(offer: Offer, all: readonly Wanted[]): { weight: number; exactness: number } {
  let best = { weight: 0, exactness: 0 };
  for (const { value, parameters, weight } of all) {
    const exactness = exactnessOf(offer, value, parameters);
    if (exactness > best.exactness) best = { weight, exactness };
  }
  return best;
}

/** 0: it does not match. */
function exactnessOf(
  { type, subtype, version }: Offer,
  value: string,
  parameters: ReadonlyMap<string, string>,
): number {
  if (value === '*/*') return ANYTHING;
  if (value === `${type}/*`) return 2;
  if (value !== `${type}/${subtype}`) return 0;
  const wanted = parameters.get('version');
  if (wanted === undefined) return 3;
  return wanted === version ? 4 : 0;
}

/** What is not named is not wanted, but for `*`; one may still like it better as it is. */
function wantsGzip(all: readonly Wanted[]): boolean {
  const weightOf = (...names: string[]): number | undefined =>
    all.find(({ value }) => names.includes(value))?.weight;
  const others = weightOf('*');
  const gzip = weightOf('gzip', 'x-gzip') ?? others ?? 0;
  return gzip > 0 && gzip >= (weightOf('identity') ?? 0);
}

function listOf(header: string): Wanted[] {
  const all: Wanted[] = [];
  for (const member of split(header, ',')) {
    const [value = '', ...rest] = split(member, ';');
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const at = parameter.indexOf('=');
      if (at > 0)
        parameters.set(parameter.slice(0, at).trim().toLowerCase(), unquoted(parameter.slice(at + 1)));
    }
    const weight = weightOf(parameters.get('q'));
    if (value.trim() !== '' && weight !== null)
      all.push({ value: value.trim().toLowerCase(), parameters, weight });
  }
  return all;
}

/** From 0 to 1 with up to three digits; null: it is none, and the member says nothing. */
function weightOf(q: string | undefined): number | null {
  if (q === undefined) return 1;
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q) ? Number(q) : null;
}

/** At a separator, but not within quotes. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isQuoted && character === '\\') at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function unquoted(value: string): string {
  const text = value.trim();
  return text.length > 1 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replace(/\\(.)/g, '$1')
    : text;
}
