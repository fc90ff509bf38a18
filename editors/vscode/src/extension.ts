// Starts `tarscli lsp` for .tars files, and carries out what its code lenses offer, in a terminal.
import { execFile } from "node:child_process";
import * as path from "node:path";
import {
  commands, ExtensionContext, ProcessExecution, Task, TaskPanelKind, TaskRevealKind, tasks, TaskScope, window,
  workspace,
} from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

const INSTALL = "pip install 'tars-agents[lsp]'";
const SETTINGS = "Open settings";

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(
    commands.registerCommand("tars.run", (file: string, name: string) =>
      inTerminal(file, ["run", path.basename(file), "--only", name]),
    ),
    commands.registerCommand("tars.versions", (file: string, name: string) => inTerminal(file, ["versions", name])),
    commands.registerCommand("tars.restart", restart),
    workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("tars.command") && restart()),
  );
  await start();
}

export function deactivate(): Promise<void> | undefined {
  return client?.stop();
}

async function start(): Promise<void> {
  client = new LanguageClient(
    "tars",
    "TARS",
    { command: program(), args: ["lsp"] },
    {
      documentSelector: [{ language: "tars", scheme: "file" }],
      synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*.{tars,json,py,rs,ts,js,go,wasm}") },
    },
  );
  try {
    await client.start();
  } catch {
    await explain();
  }
}

async function restart(): Promise<void> {
  await client?.dispose().catch(() => undefined); // one that has not started cannot be stopped
  await start();
}

// The client says only that it has no connection: this says why, and what helps.
async function explain(): Promise<void> {
  const reason = await new Promise<string>((told) => {
    const child = execFile(program(), ["lsp"], (error, _, stderr) => {
      const isMissing = (error as NodeJS.ErrnoException | null)?.code === "ENOENT";
      told(isMissing ? `\`${program()}\` was not found: ${INSTALL}, or set tars.command` : stderr.trim());
    });
    child.stdin?.end();
  });
  const chosen = await window.showErrorMessage(`TARS: ${reason || "the language server does not start"}`, SETTINGS);
  if (chosen === SETTINGS) {
    await commands.executeCommand("workbench.action.openSettings", "tars.command");
  }
}

function program(): string {
  return workspace.getConfiguration("tars").get<string>("command", "tarscli");
}

// As a task, because the terminal of a program that has ended well closes at once. The arguments are handed over
// without a shell, so that a file's name is never a command.
async function inTerminal(file: string, words: string[]): Promise<void> {
  const execution = new ProcessExecution(program(), words, { cwd: path.dirname(file) });
  const task = new Task({ type: "tars" }, TaskScope.Workspace, words.join(" "), "tarscli", execution, []);
  task.presentationOptions = { reveal: TaskRevealKind.Always, panel: TaskPanelKind.Shared, clear: true };
  await tasks.executeTask(task);
}
