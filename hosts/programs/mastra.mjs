// Mastra, of either version: an agent whose model calls the tool once, and reads what the agent gives it back.
import { Agent } from "@mastra/core/agent";
import { MCPClient } from "@mastra/mcp";
import { plan, report } from "./plan.mjs";

const client = new MCPClient({ servers: { shop: plan.server } });
const tools = await (client.listTools ?? client.getTools).call(client);
const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };

/** A model of the AI SDK's specification v2, which both versions take. */
function scripted(call) {
  const prompts = [];
  const stream = (parts) => ({
    stream: new ReadableStream({
      start(controller) {
        for (const part of [{ type: "stream-start", warnings: [] }, ...parts]) controller.enqueue(part);
        controller.close();
      },
    }),
  });
  const doStream = async ({ prompt }) => {
    prompts.push(prompt);
    if (prompts.length === 1) return stream([call, { type: "finish", finishReason: "tool-calls", usage }]);
    const text = [
      { type: "text-start", id: "1" },
      { type: "text-delta", id: "1", delta: "done" },
      { type: "text-end", id: "1" },
    ];
    return stream([...text, { type: "finish", finishReason: "stop", usage }]);
  };
  return {
    prompts,
    model: { specificationVersion: "v2", provider: "scripted", modelId: "scripted", supportedUrls: {}, doStream },
  };
}

await report(async ({ tool, arguments: given }) => {
  const call = { type: "tool-call", toolCallId: "call_1", toolName: `shop_${tool}`, input: JSON.stringify(given) };
  const { prompts, model } = scripted(call);
  const agent = new Agent({ id: "seller", name: "seller", instructions: "Sell.", model, tools });
  await (await agent.stream("go", { maxSteps: 2 })).text;
  // Version 2 repeats the input beside the output.
  return { model: prompts[1].flatMap(({ role, content }) => (role === "tool" ? content.map((part) => part.output) : [])) };
});
