// node:util
import { format, inspect, TextDecoder, TextEncoder } from "../globals.mjs";
export { format, inspect, TextDecoder, TextEncoder };
export const promisify = (call) => (...given) =>
  new Promise((resolve, reject) => call(...given, (error, value) => (error ? reject(error) : resolve(value))));
export default { format, inspect, promisify, TextDecoder, TextEncoder };
