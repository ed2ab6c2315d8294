/**
 * The decoders of inotify, of mounts and of names on damaged inputs, a million and more together;
 * those of netlink get ten million (test/netlink/fuzz.slow.test.ts). NLINK_FUZZ_TIMES multiplies
 * that, NLINK_FUZZ_SEED sets the seed, or `random`.
 */
import { testDecoders } from './decoders.ts';

const times = Number(process.env['NLINK_FUZZ_TIMES'] ?? 1);

testDecoders({ inotify: 1_000_000 * times, mountinfo: 150_000 * times, name: 100_000 * times });
