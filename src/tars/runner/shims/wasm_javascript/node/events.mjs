// node:events
import { EventEmitter } from "../globals.mjs";
export { EventEmitter };
export default EventEmitter;
