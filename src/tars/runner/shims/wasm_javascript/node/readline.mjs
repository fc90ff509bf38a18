// node:readline, for the lines of standard input
import { EventEmitter, process } from "../globals.mjs";

class Lines extends EventEmitter {
  #waiting = [];
  #ended = false;
  #wake = () => {};
  constructor(input) {
    super();
    let rest = "";
    input.setEncoding("utf8");
    input.on("data", (text) => {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop();
      for (const line of lines) this.#line(line);
    });
    input.on("end", () => {
      if (rest !== "") this.#line(rest);
      this.close();
    });
  }
  #line(line) {
    if (!this.emit("line", line)) this.#waiting.push(line);
    this.#wake();
  }
  close() {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake();
    this.emit("close");
  }
  async *[Symbol.asyncIterator]() {
    for (;;) {
      while (this.#waiting.length > 0) yield this.#waiting.shift();
      if (this.#ended) return;
      await new Promise((resolve) => (this.#wake = resolve));
    }
  }
}

export const createInterface = (options) => new Lines(options?.input ?? process.stdin);
export default { createInterface };
