/** What the guide shows: programs of examples/, and sessions with them. */
import { readdirSync } from 'node:fs';
import { read } from './tables.ts';

/** The pages of the guide, by their paths in the project. */
export const pages: readonly string[] = [
  'docs/guide.md',
  ...readdirSync(new URL('../../../docs/guide/', import.meta.url)).map((file) => `docs/guide/${file}`),
];

/** A block of code in a page, and the line of text before it. */
export interface Block {
  page: string;
  language: string;
  before: string;
  text: string;
}

export const blocks: readonly Block[] = pages.flatMap((page) =>
  [...read(page).matchAll(/(?<=^(.*)\n\n)```(\w+)\n([^]*?)^```$/gm)].map(
    ([, before = '', language = '', text = '']) => ({ page, language, before, text }),
  ),
);

/** The programs that are shown whole: the text before the block has a link to the file. */
export const programs: readonly (Block & { file: string })[] = blocks
  .filter(({ language }) => ['js', 'ts', 'cjs'].includes(language))
  .map((block) => ({ ...block, file: /\]\([./]*(examples\/[\w.-]+)\)/.exec(block.before)?.[1] ?? '' }));

export const sessions: readonly Block[] = blocks.filter(({ language }) => language === 'console');
