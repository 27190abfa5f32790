// What to call, read from the file named on the command line; and what the model was handed, printed as JSON.
import { readFileSync, writeSync } from "node:fs";

export const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));

/** Run every call of the plan. `handOver` returns what is handed to the model, by channel; an error is handed as its text. */
export async function report(handOver) {
  const handed = {};
  for (const call of plan.calls) {
    try {
      handed[call.name] = await handOver(call);
    } catch (error) {
      handed[call.name] = { error: String(error?.message ?? error) };
    }
  }
  const text = Buffer.from(JSON.stringify(handed));
  for (let written = 0; written < text.length; ) written += writeSync(1, text, written);
  process.exit(0);
}
