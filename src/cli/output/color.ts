/**
 * Whether to colour, and how: on a terminal, unless the user, the environment or the terminal says
 * otherwise.
 */
import { styleText } from 'node:util';

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim';
/** Gives the text back, coloured or not. */
export type Paint = (colour: Colour, text: string) => string;

/**
 * `--no-color` counts most, then FORCE_COLOR (as in Node), then NO_COLOR (no-color.org), then
 * TERM=dumb.
 * @param terminal whether the output is one
 * @param refused whether `--no-color` was given
 */
export function wantsColour(env: NodeJS.ProcessEnv, terminal: boolean, refused: boolean): boolean {
  if (refused) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  const set = (name: string): boolean => (env[name] ?? '') !== '';
  return terminal && !set('NO_COLOR') && !set('NODE_DISABLE_COLORS') && env['TERM'] !== 'dumb';
}

/** The decision was made by {@link wantsColour}; styleText must not make its own. */
export function painter(colours: boolean): Paint {
  return colours ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_, text) => text;
}
