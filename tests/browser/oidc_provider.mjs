// A certified OpenID Connect provider (npm oidc-provider) for the browser tests.
// Arguments: its port, and the address of Gavel. It prints "ready" when it listens.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../frontend/package.json", import.meta.url));
const { default: Provider } = await import(require.resolve("oidc-provider"));
const [port, gavel] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const claims = { email: ["email", "email_verified"], profile: ["name", "preferred_username", "groups"] };

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "gavel",
      client_secret: "a-secret-of-the-tests",
      redirect_uris: [`${gavel}/sso/school/callback`],
      post_logout_redirect_uris: [`${gavel}/`],
      backchannel_logout_uri: `${gavel}/sso/school/backchannel-logout`,
      backchannel_logout_session_required: true,
    },
  ],
  claims: { openid: ["sub"], ...claims },
  pkce: { required: () => true },
  cookies: { keys: ["a key of the tests"] },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource(ctx, form) {
        const yes = '<button form="op.logoutForm" name="logout" value="yes">Sign out here too</button>';
        ctx.body = `<!doctype html><html lang="en"><title>School</title><h1>School account</h1>${form}${yes}`;
      },
    },
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  async findAccount(_, id) {
    const person = { sub: id, preferred_username: id, name: `Pupil ${id}`, groups: ["6a"] };
    return { accountId: id, claims: async () => ({ ...person, email: `${id}@school.example`, email_verified: true }) };
  },
});

// People sign in by a name alone, and consent by the same form.
async function interact(request, response) {
  const details = await provider.interactionDetails(request, response);
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(`<!doctype html><html lang="en"><title>School</title><h1>School account</h1><form method="post">
      <label>Name <input name="login" value="${details.session?.accountId ?? ""}"></label>
      <button name="act" value="enter">Continue</button> <button name="act" value="refuse">Refuse</button></form>`);
    return;
  }
  let body = "";
  for await (const chunk of request) body += chunk;
  const form = new URLSearchParams(body);
  if (form.get("act") === "refuse") {
    await provider.interactionFinished(request, response, { error: "access_denied" });
  } else if (details.prompt.name === "login") {
    await provider.interactionFinished(request, response, { login: { accountId: form.get("login") } });
  } else {
    const grant = new provider.Grant({ accountId: details.session.accountId, clientId: details.params.client_id });
    grant.addOIDCScope("openid profile email");
    await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
  }
}

const answer = provider.callback();
createServer((request, response) => {
  if (request.url.startsWith("/interaction/")) {
    interact(request, response).catch((error) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  } else {
    answer(request, response);
  }
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
