// node:buffer
import { Buffer } from "../globals.mjs";
export { Buffer };
export default { Buffer };
