/** Certificates of a test's own, made by openssl: authorities, and what they vouch for. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** For tests that need it: why they are left out. With CI=true that is a failure. */
export const withOpenssl: { skip: string | false } = {
  skip:
    spawnSync('openssl', ['version']).error === undefined ? false : 'needs openssl: apt-get install openssl',
};

export interface Certificate {
  /** Paths of files in PEM. */
  cert: string;
  key: string;
}

export interface Authority {
  /** Path of a file in PEM. */
  ca: string;
  /** @param names as `IP:127.0.0.1` or `DNS:host`; none: one of a client */
  issue: (name: string, ...names: string[]) => Certificate;
}

const openssl = (...words: string[]): void => void execFileSync('openssl', words, { stdio: 'pipe' });
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const DAYS = ['-days', '2'];

/** One that nobody trusts but who is told to. */
export function authority(t: TestContext, name: string): Authority {
  const directory = mkdtempSync(join(tmpdir(), 'nlink-certificates-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const pathsOf = (of: string): Certificate => ({
    cert: join(directory, `${of}.pem`),
    key: join(directory, `${of}.key`),
  });
  const own = pathsOf('ca');
  openssl('req', '-x509', ...KEY, ...DAYS, '-subj', `/CN=${name}`, '-keyout', own.key, '-out', own.cert);
  const issue = (who: string, ...names: string[]): Certificate => {
    const { cert, key } = pathsOf(who);
    const request = join(directory, `${who}.csr`);
    const extensions = join(directory, `${who}.ext`);
    const usage = names.length === 0 ? 'clientAuth' : 'serverAuth';
    const alternatives = names.length === 0 ? '' : `subjectAltName = ${names.join(',')}\n`;
    writeFileSync(extensions, `extendedKeyUsage = ${usage}\n${alternatives}`);
    openssl('req', ...KEY, '-subj', `/CN=${who}`, '-keyout', key, '-out', request);
    const signing = ['-CA', own.cert, '-CAkey', own.key, '-CAcreateserial', '-extfile', extensions];
    openssl('x509', '-req', '-in', request, ...signing, ...DAYS, '-out', cert);
    return { cert, key };
  };
  return { ca: own.cert, issue };
}
