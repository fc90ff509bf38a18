// node:process
import { process } from "../globals.mjs";
export const { argv, env, stdin, stdout, stderr, platform, cwd, exit, nextTick, hrtime, uptime } = process;
export default process;
