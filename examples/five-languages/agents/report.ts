// Draws the counts and the keywords as one self-contained HTML page.
import { readFileSync, writeFileSync } from "node:fs";

type Text = { words: number; counts: Record<string, number> };

const [countsPath, keywordsPath] = process.argv.slice(2);
const read = <T>(path: string): T => JSON.parse(readFileSync(path, "utf-8")) as T;
const texts = read<Record<string, Text>>(countsPath);
const keywords = read<Record<string, string[]>>(keywordsPath);

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);

function bars(name: string): string {
  const most = Math.max(...keywords[name].map((word) => texts[name].counts[word]));
  return keywords[name]
    .map((word) => {
      const count = texts[name].counts[word];
      return `<li><span>${escape(word)}</span><i style="width:${(8 * count) / most}rem"></i>${count}</li>`;
    })
    .join("\n");
}

const cards = Object.keys(texts)
  .sort()
  .map(
    (name) => `<article id="${escape(name)}"><h2>${escape(name)}</h2>
<p>${texts[name].words} words, ${Object.keys(texts[name].counts).length} of them distinct</p>
<ol>
${bars(name)}
</ol></article>`,
  )
  .join("\n");

const title = escape(process.env.REPORT_TITLE ?? "Report");
writeFileSync(
  process.env.TARS_OUTPUT!,
  `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
:root { color-scheme: light dark; --card: light-dark(#fff, #1c1f26); --bar: light-dark(#3b6fd4, #7aa5ff) }
body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 62rem; padding: 0 1rem;
  background: light-dark(#f4f5f8, #101216) }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 1rem }
article { background: var(--card); border-radius: .75rem; padding: 1rem 1.5rem }
h2 { margin: 0; text-transform: capitalize } p { margin: 0; opacity: .7 } ol { list-style: none; padding: 0 }
li { display: flex; align-items: center; gap: .75rem } span { width: 9rem }
i { height: .7rem; border-radius: .35rem; background: var(--bar) }
</style>
<h1>${title}</h1>
<main>
${cards}
</main></html>
`,
);
console.log(`${Object.keys(texts).length} texts drawn`);
