// Starts `tarscli lsp` for .tars files, and carries out what its code lenses offer, in a terminal.
import * as path from "node:path";
import {
  commands, ExtensionContext, ProcessExecution, Task, TaskPanelKind, TaskRevealKind, tasks, TaskScope, workspace,
} from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(
    commands.registerCommand("tars.run", (file: string, name: string) =>
      inTerminal(file, ["run", path.basename(file), "--only", name]),
    ),
    commands.registerCommand("tars.versions", (file: string, name: string) => inTerminal(file, ["versions", name])),
    commands.registerCommand("tars.restart", () => client?.restart()),
  );
  client = new LanguageClient(
    "tars",
    "TARS",
    { command: program(), args: ["lsp"] },
    {
      documentSelector: [{ language: "tars", scheme: "file" }],
      synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*.{tars,json,py,rs,ts,js,go,wasm}") },
    },
  );
  context.subscriptions.push(client);
  await client.start();
}

export function deactivate(): Promise<void> | undefined {
  return client?.stop();
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
