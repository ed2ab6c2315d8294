/** Checks the options of a `NamespaceEventSubscriber` and fills in the defaults. */
import { RECEIVE_BUFFER } from '../../netlink/nsid-group-reader.ts';
import type { NEW_NAMESPACE, SocketLocation } from '../../netlink/raw-socket.ts';
import { directoryOption } from '../../reference/directory.ts';
import { checkReference } from '../../reference/reference.ts';
import type { StreamSettings } from '../stream/event-stream.ts';
import { boolean, integer, streamSettings } from '../stream/stream-options.ts';
import type { NamespaceEventSubscriberOptions } from './nsid-events.ts';

/** All options of a `NamespaceEventSubscriber`, checked. */
export interface SubscriberSettings extends StreamSettings {
  /** Where to listen; `'new'`: in a namespace that is made for it. */
  place: SocketLocation | typeof NEW_NAMESPACE;
  allNamespaces: boolean;
  receiveBufferSize: number;
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_INVALID_NAME` */
export function checkSubscriberOptions(options: NamespaceEventSubscriberOptions): SubscriberSettings {
  const settings = streamSettings(options);
  const { namespace, directory, receiveBufferSize } = options;
  if (directory !== undefined) directoryOption(directory);
  if (namespace !== undefined) checkReference('namespace', namespace, directory);
  return {
    ...settings,
    place: { namespace, directory },
    allNamespaces: boolean('allNamespaces', options.allNamespaces, false),
    receiveBufferSize: integer('receiveBufferSize', receiveBufferSize, RECEIVE_BUFFER, 4096, 2 ** 30 - 1),
  };
}
