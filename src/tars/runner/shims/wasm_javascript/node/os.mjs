// node:os
import { process } from "../globals.mjs";
export const EOL = "\n";
export const platform = () => process.platform;
export const arch = () => process.arch;
export const homedir = () => process.env.HOME ?? process.cwd();
export const tmpdir = () => process.env.TMPDIR ?? process.cwd();
export const hostname = () => "wasm";
export const cpus = () => [{ model: "wasm", speed: 0 }];
export default { EOL, platform, arch, homedir, tmpdir, hostname, cpus };
