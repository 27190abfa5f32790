// The TypeScript SDK 2.x signs in, lists the tools and sells. Its person's browser follows the redirects with cookies.
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";

const [url, callback, order] = process.argv.slice(2);

async function browse(address) {
  const cookies = new Map();
  while (!address.startsWith(callback)) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const page = await fetch(address, { redirect: "manual", headers: { cookie } });
    for (const each of page.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(each);
      cookies.set(name, value);
    }
    if (!page.headers.has("location")) throw new Error(`no redirect: ${page.status}`);
    address = new URL(page.headers.get("location"), address).href;
  }
  return new URL(address).searchParams;
}

class Person {
  redirectUrl = callback;
  clientMetadata = { client_name: "agent", redirect_uris: [callback] };
  clientInformation() { return this.client; }
  saveClientInformation(client) { this.client = client; }
  tokens() { return this.given; }
  saveTokens(tokens) { this.given = tokens; }
  codeVerifier() { return this.verifier; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  async redirectToAuthorization(address) { this.answer = await browse(address.href); }
}

const authProvider = new Person();
const transport = () => new StreamableHTTPClientTransport(new URL(url), { authProvider });
const first = transport();
try {
  await new Client({ name: "host", version: "1" }).connect(first);
  throw new Error("nobody asked for a token");
} catch (error) {
  if (!(error instanceof UnauthorizedError)) throw error;
  await first.finishAuth(authProvider.answer);
}
const client = new Client({ name: "host", version: "1" });
await client.connect(transport());
const { tools } = await client.listTools();
const call = async (name, given) => (await client.callTool({ name, arguments: given })).structuredContent;
const { preview_id } = await call("preview_checkout", JSON.parse(order));
const sold = await call("create_checkout_session", { preview_id });
console.log(JSON.stringify({ tools: tools.map(({ name }) => name), sold }));
process.exit(0);
