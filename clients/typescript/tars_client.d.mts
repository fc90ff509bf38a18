/** How an agent in JavaScript or TypeScript talks to TARS. What each function does stands in `tars_client.mjs`. */

/** A value that JSON holds. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A block of the metascript that says what is known: a `belief_graph`, a `belief` in one, or a `reflection`. */
export interface Known {
  readonly type: string;
  readonly labels: readonly string[];
  readonly blocks: readonly Known[];
  readonly [attribute: string]: unknown;
}

/** What a belief rests on, and the names of the beliefs that it bears on. */
export interface Relations {
  readonly evidence?: string | readonly string[];
  readonly supports?: string | readonly string[];
  readonly contradicts?: string | readonly string[];
  readonly refines?: string | readonly string[];
  readonly derived_from?: string | readonly string[];
}

/** How sure a reflection is, in (0, 1), and what it is about. */
export interface Reflecting {
  readonly confidence?: number;
  readonly about?: string | readonly string[];
}

export declare const version: string;

/** The first input, read as JSON; `undefined` where there is none. Its type is what you say, and is not checked. */
export declare function input<T = Json>(): T | undefined;
export declare function inputText(): string | undefined;
export declare function inputBytes(): Uint8Array | undefined;
export declare function inputPaths(): string[];

/** Writes a value as JSON to the output of that number, counted from 0. */
export declare function output(value: unknown, index?: number): void;
export declare function outputText(text: string, index?: number): void;
export declare function outputBytes(data: Uint8Array, index?: number): void;
export declare function outputPaths(): string[];

/** What the metascript says is known. */
export declare function memory(): Known[];

/** `confidence` is more than 0 and less than 1. */
export declare function belief(id: string, statement: string, confidence: number, relations?: Relations): void;
export declare function reflection(summary: string, more?: Reflecting): void;
export declare function metric(name: string, value: number | bigint): void;
/** `fraction` is from 0 to 1. */
export declare function progress(fraction: number): void;
export declare function log(message: string): void;
