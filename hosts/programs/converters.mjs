// The AI SDK's providers and google-genai for JavaScript: the schema that each sends, caught before it leaves.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogle } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { GoogleGenAI, mcpToTool } from "@google/genai";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { generateText, jsonSchema, tool as aiTool } from "ai";
import { readFileSync, writeSync } from "node:fs";

const { tools } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const warned = [];
console.warn = console.info = (...words) => warned.push(words.map(String).join(" "));
globalThis.AI_SDK_LOG_WARNINGS = ({ warnings }) => warned.push(...warnings.map((warning) => JSON.stringify(warning)));

class Caught extends Error {}

/** The body of the one request that `send` makes with the given fetch. */
async function bodyOf(send) {
  let body;
  const caught = async (_url, { body: text }) => {
    body = JSON.parse(text);
    throw new Caught("caught");
  };
  try {
    await send(caught);
  } catch (error) {
    if (body === undefined) throw error;
  }
  return body;
}

const aiSdk = (provider, schemaOf, strict) => async ({ name, description, inputSchema }) => {
  const given = aiTool({ description, inputSchema: jsonSchema(inputSchema), ...(strict ? { strict } : {}) });
  const body = await bodyOf((fetch) =>
    generateText({ model: provider(fetch), tools: { [name]: given }, prompt: "go", maxRetries: 0 }),
  );
  return schemaOf(body.tools[0]);
};

async function googleGenai(published) {
  const [serverSide, clientSide] = InMemoryTransport.createLinkedPair();
  const server = new Server({ name: "shop", version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [published] }));
  await server.connect(serverSide);
  const client = new Client({ name: "host", version: "1" });
  await client.connect(clientSide);
  const kept = globalThis.fetch;
  const body = await bodyOf(async (fetch) => {
    globalThis.fetch = fetch;
    const config = { tools: [mcpToTool(client)] };
    await new GoogleGenAI({ apiKey: "none" }).models.generateContent({ model: "gemini-2.5-flash", contents: "go", config });
  });
  globalThis.fetch = kept;
  const [declaration] = body.tools[0].functionDeclarations;
  return declaration.parametersJsonSchema ?? declaration.parameters;
}

const apiKey = "none";
const openai = (fetch) => createOpenAI({ apiKey, fetch })("gpt-5");
const anthropic = (fetch) => createAnthropic({ apiKey, fetch })("claude-sonnet-4-5");
const google = (fetch) => createGoogle({ apiKey, fetch })("gemini-2.5-flash");
const ofGoogle = (sent) => {
  const [declaration] = sent.functionDeclarations;
  return declaration.parametersJsonSchema ?? declaration.parameters;
};
const converters = {
  "Vercel AI SDK for OpenAI": aiSdk(openai, (sent) => sent.parameters),
  "Vercel AI SDK for OpenAI, strict": aiSdk(openai, (sent) => sent.parameters, true),
  "Vercel AI SDK for Anthropic": aiSdk(anthropic, (sent) => sent.input_schema),
  "Vercel AI SDK for Anthropic, strict": aiSdk(anthropic, (sent) => sent.input_schema, true),
  "Vercel AI SDK for Google": aiSdk(google, ofGoogle),
  "google-genai for JavaScript": googleGenai,
};

const rows = [];
for (const [converter, convert] of Object.entries(converters)) {
  for (const published of tools) {
    warned.length = 0;
    const row = { converter, tool: published.name, schema: null, error: null };
    try {
      row.schema = await convert(published);
    } catch (error) {
      row.error = `${error.name}: ${error.message}`;
    }
    rows.push({ ...row, warnings: [...new Set(warned)].sort() });
  }
}
const text = Buffer.from(JSON.stringify(rows));
for (let written = 0; written < text.length; ) written += writeSync(1, text, written);
process.exit(0);
