// The TypeScript SDK 2.x, whose client is a package of its own.
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { plan, report } from "./plan.mjs";

const client = new Client({ name: "host", version: "1" });
await client.connect(new StdioClientTransport(plan.server));
await client.listTools();
await report(async ({ tool, arguments: given }) => {
  const { content, structuredContent } = await client.callTool({ name: tool, arguments: given });
  return { content, structured: structuredContent };
});
