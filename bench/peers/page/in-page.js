/**
 * What is measured within a page: source text, since it runs there. `window.figure` has it:
 * `data`, when all that is to be drawn was there; `painted`, when it was; `frames(milliseconds)`,
 * how long each frame took.
 */

/** @param isDrawn an expression: whether there is something of it */
export const inPage = (isDrawn) => `
window.figure = {
  data: null,
  painted: null,
  came() {
    if (this.data !== null) return;
    this.data = performance.now();
    const look = () => {
      if (!(${isDrawn})) return void requestAnimationFrame(look);
      // A message comes after the frame has been painted.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => (this.painted = performance.now());
      requestAnimationFrame(() => port2.postMessage(null));
    };
    requestAnimationFrame(look);
  },
  frames(milliseconds) {
    return new Promise((resolve) => {
      const taken = [];
      const began = performance.now();
      let last = null;
      const frame = (now) => {
        if (last !== null) taken.push(now - last);
        last = now;
        if (now - began < milliseconds) requestAnimationFrame(frame);
        else resolve(taken);
      };
      requestAnimationFrame(frame);
    });
  },
};
`;

/** For the page of nlink, whose data comes as an event of a stream. */
export const withStream = `
const Source = window.EventSource;
window.EventSource = class extends Source {
  constructor(...given) {
    super(...given);
    this.addEventListener('snapshot', () => window.figure.came());
  }
};
`;
