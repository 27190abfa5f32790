// The Inspector's command line, of either version: one process a call, and what it prints.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { plan, report } from "./plan.mjs";

const inspector = join(import.meta.dirname, "node_modules", ".bin", "mcp-inspector");

function run(options) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [inspector, "--cli", plan.url, ...options], { stdio: ["ignore", "pipe", "pipe"] });
    const printed = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"]) child[stream].on("data", (chunk) => (printed[stream] += chunk));
    child.on("error", reject);
    child.on("close", () => resolve(printed));
  });
}

await report(async ({ tool, arguments: given }) => {
  // Its command line takes no empty text: what is unset is left out.
  const pairs = Object.entries(given).filter(([, value]) => value !== "").map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `${name}=${text}`;
  });
  const options = ["--transport", "http", "--method", "tools/call", "--tool-name", tool];
  const { stdout, stderr } = await run([...options, ...pairs.flatMap((pair) => ["--tool-arg", pair])]);
  const result = stdout.indexOf("{");
  if (result < 0) throw new Error(stderr);
  const { content, structuredContent } = JSON.parse(stdout.slice(result));
  return { content, structured: structuredContent };
});
