// node:crypto, as far as it is chance
import { randomBytes, randomUUID } from "../globals.mjs";
export { randomBytes, randomUUID };
export default { randomBytes, randomUUID };
