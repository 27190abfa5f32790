// The TypeScript SDK 1.x. It validates structured content of a tool that it has listed.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { plan, report } from "./plan.mjs";

const client = new Client({ name: "host", version: "1" });
await client.connect(new StdioClientTransport(plan.server));
await client.listTools();
await report(async ({ tool, arguments: given }) => {
  const { content, structuredContent } = await client.callTool({ name: tool, arguments: given });
  return { content, structured: structuredContent };
});
