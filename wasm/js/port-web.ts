import type { Port } from './worker-protocol.js';

export const port: Port = {
  listen: (take) => {
    self.onmessage = ({ data }) => take(data);
  },
  post: (answer) => self.postMessage(answer),
};
