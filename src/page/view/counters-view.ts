/** Counters of a link, and what they grew by in a second since the last look. */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { LinkCounters, PageLink } from '../../replay/replay-types.ts';
import type { Details } from './details.ts';
import { bytesText, grouped } from './texts.ts';

export function countersView(
  { ifindex, name }: PageLink,
  details: Details | null,
): TemplateResult | typeof nothing {
  const key = ifindex ?? name;
  const now = details?.last.links.get(key)?.counters ?? null;
  if (details === null || now === null) return nothing;
  const before = details.before?.links.get(key)?.counters ?? null;
  const seconds = (details.last.at - (details.before?.at ?? 0)) / 1000;
  const rate = (of: keyof LinkCounters): number | null =>
    before === null ? null : Math.max(0, (now[of] - before[of]) / seconds);
  const line = (
    word: string,
    bytes: 'rxBytes' | 'txBytes',
    packets: 'rxPackets' | 'txPackets',
    errors: 'rxErrors' | 'txErrors',
    dropped: 'rxDropped' | 'txDropped',
  ): TemplateResult => {
    const perSecond = rate(bytes);
    const faults = [
      now[errors] > 0 ? `${grouped(now[errors])} errors` : '',
      now[dropped] > 0 ? `${grouped(now[dropped])} dropped` : '',
    ]
      .filter(Boolean)
      .join(', ');
    return html`<tr>
      <th scope="row">${word}</th>
      <td>${bytesText(now[bytes])}</td>
      <td>${grouped(now[packets])} packets</td>
      <td>${perSecond === null ? '' : `${bytesText(perSecond)}/s`}</td>
      <td class="warn">${faults}</td>
    </tr>`;
  };
  return html`<table class="counters">
    <tbody>
      ${line('received', 'rxBytes', 'rxPackets', 'rxErrors', 'rxDropped')}
      ${line('sent', 'txBytes', 'txPackets', 'txErrors', 'txDropped')}
    </tbody>
  </table>`;
}
