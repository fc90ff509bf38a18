// node:fs/promises
import { promises } from "./fs.mjs";
export const {
  readFile, writeFile, appendFile, stat, lstat, access, readdir, mkdir, unlink, rmdir, rm, copyFile, rename, realpath,
} = promises;
export default promises;
