/**
 * The decoders of inotify, of mounts and of names on damaged inputs: a quick run;
 * decoders.slow.test.ts is the long one.
 */
import { testDecoders } from './decoders.ts';

testDecoders({ inotify: 20_000, mountinfo: 10_000, name: 10_000 });
