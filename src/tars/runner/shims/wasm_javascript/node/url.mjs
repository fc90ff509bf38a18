// node:url, for paths
export const fileURLToPath = (url) => decodeURIComponent(String(url.href ?? url).replace(/^file:\/\//, ""));
export const pathToFileURL = (path) => {
  const href = `file://${encodeURI(path)}`;
  return { href, pathname: encodeURI(path), protocol: "file:", toString: () => href };
};
export default { fileURLToPath, pathToFileURL };
