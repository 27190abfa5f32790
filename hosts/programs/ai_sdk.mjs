// The AI SDK: a model that calls the tool once, and reads what generateText gives it back.
//
// Over HTTP it speaks the 2026 era. Over stdio it asks for that era, waits one second, and falls back to the 2025 era,
// which the Python SDK then refuses on the same connection: a server that starts slower needs the option below.
import { createMCPClient } from "@ai-sdk/mcp";
import { Experimental_StdioMCPTransport as StdioTransport } from "@ai-sdk/mcp/mcp-stdio";
import { generateText, isStepCount } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { plan, report } from "./plan.mjs";

const client = await createMCPClient(
  plan.url
    ? { transport: { type: "http", url: plan.url } }
    : { transport: new StdioTransport(plan.server), protocolVersionDiscovery: false },
);
const tools = await client.tools();
const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };

await report(async ({ tool, arguments: given }) => {
  const call = { type: "tool-call", toolCallId: "call_1", toolName: tool, input: JSON.stringify(given) };
  const model = new MockLanguageModelV4({
    doGenerate: [
      { content: [call], finishReason: { unified: "tool-calls" }, usage, warnings: [] },
      { content: [{ type: "text", text: "done" }], finishReason: { unified: "stop" }, usage, warnings: [] },
    ],
  });
  await generateText({ model, tools, prompt: "go", stopWhen: isStepCount(2) });
  const { prompt } = model.doGenerateCalls[1];
  return { model: prompt.flatMap(({ role, content }) => (role === "tool" ? content.map((part) => part.output) : [])) };
});
