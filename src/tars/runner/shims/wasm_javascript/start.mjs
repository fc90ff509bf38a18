// The start of a JavaScript agent that is a WebAssembly component: gives it promises and timers, and runs it to its end.
// QuickJS runs no promise jobs of a synchronous component, so promises are done here; esbuild turns `async` into them.
import environment from "wasi:cli/environment@0.2.0";
import exit from "wasi:cli/exit@0.2.0";
import stdin from "wasi:cli/stdin@0.2.0";
import stdout from "wasi:cli/stdout@0.2.0";
import stderr from "wasi:cli/stderr@0.2.0";
import clock from "wasi:clocks/monotonic-clock@0.2.0";
import preopens from "wasi:filesystem/preopens@0.2.0";
import random from "wasi:random/random@0.2.0";
import main from "./body.mjs";

const jobs = [];
const unheard = new Set();
let timers = [];
let timersMade = 0;

class Promise {
  #state = "pending";
  #value;
  #waiting = [];

  constructor(executor) {
    if (typeof executor !== "function") throw new TypeError(`Promise resolver ${executor} is not a function`);
    const [resolve, reject] = this.#ends();
    try {
      executor(resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  #ends() {
    let done = false;
    const once = (act) => (value) => {
      if (!done) {
        done = true;
        act(value);
      }
    };
    return [once((value) => this.#resolve(value)), once((error) => this.#settle("rejected", error))];
  }

  #resolve(value) {
    if (value === this) return this.#settle("rejected", new TypeError("Chaining cycle detected for promise"));
    let then;
    try {
      then = value !== null && (typeof value === "object" || typeof value === "function") ? value.then : undefined;
    } catch (error) {
      return this.#settle("rejected", error);
    }
    if (typeof then !== "function") return this.#settle("fulfilled", value);
    jobs.push(() => {
      const [resolve, reject] = this.#ends();
      try {
        then.call(value, resolve, reject);
      } catch (error) {
        reject(error);
      }
    });
  }

  #settle(state, value) {
    this.#state = state;
    this.#value = value;
    if (state === "rejected" && this.#waiting.length === 0) unheard.add(this);
    for (const react of this.#waiting.splice(0)) jobs.push(react);
  }

  get reason() {
    return this.#value;
  }

  then(onFulfilled, onRejected) {
    const Kind = this.constructor?.[Symbol.species] ?? this.constructor ?? Promise;
    return new Kind((resolve, reject) => {
      const react = () => {
        const ok = this.#state === "fulfilled";
        const handler = ok ? onFulfilled : onRejected;
        try {
          if (typeof handler === "function") resolve(handler(this.#value));
          else (ok ? resolve : reject)(this.#value);
        } catch (error) {
          reject(error);
        }
      };
      unheard.delete(this);
      if (this.#state === "pending") this.#waiting.push(react);
      else jobs.push(react);
    });
  }

  catch(onRejected) {
    return this.then(undefined, onRejected);
  }

  finally(act) {
    const after = (end) => (value) => this.constructor.resolve(act?.()).then(() => end(value));
    return this.then(after((value) => value), after((error) => { throw error; }));
  }

  static resolve(value) {
    return value instanceof Promise && value.constructor === this ? value : new this((resolve) => resolve(value));
  }

  static reject(error) {
    return new this((_, reject) => reject(error));
  }

  static try(act, ...given) {
    return new this((resolve) => resolve(act(...given)));
  }

  static withResolvers() {
    const made = {};
    made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }));
    return made;
  }

  static #each(Kind, values, use) {
    return new Kind((resolve, reject) => {
      const all = [...values];
      const results = new Array(all.length);
      let left = all.length;
      const put = (index) => (value) => {
        results[index] = value;
        if (--left === 0) use.end(results, resolve, reject);
      };
      if (left === 0) use.end(results, resolve, reject);
      all.forEach((value, index) => use.one(Kind.resolve(value), put(index), resolve, reject));
    });
  }

  static all(values) {
    const end = (results, resolve) => resolve(results);
    return Promise.#each(this, values, { one: (promise, put, _, reject) => promise.then(put, reject), end });
  }

  static allSettled(values) {
    const end = (results, resolve) => resolve(results);
    const one = (promise, put) =>
      promise.then((value) => put({ status: "fulfilled", value }), (reason) => put({ status: "rejected", reason }));
    return Promise.#each(this, values, { one, end });
  }

  static any(values) {
    const end = (errors, _, reject) => reject(new AggregateError(errors, "All promises were rejected"));
    return Promise.#each(this, values, { one: (promise, put, resolve) => promise.then(resolve, put), end });
  }

  static race(values) {
    return new this((resolve, reject) => {
      for (const value of values) this.resolve(value).then(resolve, reject);
    });
  }
}
Object.defineProperty(Promise.prototype, Symbol.toStringTag, { value: "Promise", configurable: true });

const now = () => clock.now() / 1e6;

function later(act, milliseconds, given, every) {
  const timer = { act, given, every, due: now() + Math.max(Number(milliseconds) || 0, every ? 1 : 0), id: ++timersMade };
  timers.push(timer);
  return Object.assign(timer, { ref: () => timer, unref: () => timer, hasRef: () => true, [Symbol.toPrimitive]: () => timer.id });
}

function cancel(timer) {
  timers = timers.filter((one) => one !== timer && one.id !== timer);
}

function runJobs() {
  for (let done = 0; jobs.length > 0; ) {
    jobs[done++]();
    if (done === jobs.length || done > 4096) jobs.splice(0, done), (done = 0);
  }
}

// The timer that is due first: waited for, and run.
function runTimer() {
  const timer = timers.reduce((first, one) => (one.due < first.due ? one : first));
  const wait = timer.due - now();
  if (wait > 0) clock.subscribeDuration(Math.ceil(wait * 1e6)).block();
  if (timer.every === undefined) cancel(timer);
  else timer.due = now() + Math.max(timer.every, 1);
  timer.act(...timer.given);
}

function start() {
  const host = {
    wasi: { environment, stdin, stdout, stderr, preopens, random },
    jobs,
    now,
    pumps: [], // what waits for standard input
    stop: (code) => exit.exit({ tag: code ? "err" : "ok" }),
  };
  Object.assign(globalThis, {
    Promise,
    queueMicrotask: (job) => void jobs.push(job),
    setTimeout: (act, milliseconds, ...given) => later(act, milliseconds, given),
    setInterval: (act, milliseconds, ...given) => later(act, milliseconds, given, Number(milliseconds) || 1),
    setImmediate: (act, ...given) => later(act, 0, given),
    clearTimeout: cancel,
    clearInterval: cancel,
    clearImmediate: cancel,
    __tars: host,
  });
  try {
    main();
    for (;;) {
      runJobs();
      if (unheard.size > 0) throw [...unheard][0].reason;
      const pump = host.pumps.find((one) => one.wanted());
      if (pump) pump.step();
      else if (timers.length > 0) runTimer();
      else break;
    }
  } catch (error) {
    host.report(error);
    host.stop(1);
  }
  globalThis.process.exit();
}

export const run = { run: start };
