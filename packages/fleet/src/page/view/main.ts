/** Where the page of a fleet begins. */
import { FleetApp } from './app.ts';
import { fleetIo } from './fleet-io.ts';

const root = document.getElementById('page');
const live = document.getElementById('live');
if (root !== null && live !== null) new FleetApp(root, live, fleetIo).start();
