// The landing page of the demo: sign in, watch two tokens, call, refresh, sign out, try the former tokens again.
// Tokens live in this module's memory and nowhere else. Everything shown is text: no string ever becomes markup.

const $ = (id) => document.getElementById(id);

const KINDS = {
  access: {
    card: "access",
    title: "Access token",
    use: "Goes with every call. Short-lived.",
    live: "until it expires",
    dead: "Refresh to get the next one",
  },
  refresh: {
    card: "refresh-token",
    title: "Refresh token",
    use: "Buys the next pair, once. Opaque to a client; we look anyway.",
    live: "if it is not used before",
    dead: "Sign in again",
  },
};

const MEANINGS = {
  iss: "who signed it",
  aud: "whom it is for",
  sub: "whom it is about",
  exp: "expires",
  iat: "issued",
  auth_time: "you signed in",
  jti: "this one token’s name",
  client_id: "the client that asked",
  sid: "your session",
  fid: "your token family",
  gen: "generation: one more with every refresh",
  rnd: "the family’s random value",
};

const TIMES = new Set(["exp", "iat", "nbf", "auth_time"]);

const MOST_FORMER = 8;

let current = null; // {access, refresh}: what we hold, each {kind, text, header, claims, receivedAt}
let former = []; // tokens we held, newest first, each with .why and .verdict
let clockSkew = 0; // the server's clock minus ours, in milliseconds
let busy = false;

// --- tokens ---

function readPart(part) {
  const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0))));
}

function readToken(kind, text) {
  const [header, claims] = text.split(".");
  return { kind, text, header: readPart(header), claims: readPart(claims), receivedAt: serverNow() };
}

function serverNow() {
  return Date.now() + clockSkew;
}

function secondsLeft(token) {
  return Math.max(0, Math.ceil((token.claims.exp * 1000 - serverNow()) / 1000));
}

function hold(pair) {
  const skew = readPart(pair.access.split(".")[1]).iat * 1000 - Date.now();
  clockSkew = Math.abs(skew) < 2000 ? 0 : skew;
  current = { access: readToken("access", pair.access), refresh: readToken("refresh", pair.refresh) };
}

function retire(token, why) {
  if (former.some((other) => other.text === token.text)) return;
  former = [{ ...token, why, verdict: "" }, ...former].slice(0, MOST_FORMER);
}

// --- the wire ---

async function call(method, path, { bearer, body } = {}) {
  const headers = { Accept: "application/json" };
  if (bearer) headers.Authorization = `Bearer ${bearer.text}`;
  if (body) headers["Content-Type"] = "application/json";
  let answer = { status: 0, data: null };
  try {
    const options = { method, headers, credentials: "omit", cache: "no-store", body: body && JSON.stringify(body) };
    const response = await fetch(path, options);
    const text = await response.text();
    answer = { status: response.status, data: text ? JSON.parse(text) : null };
  } catch {
    // Neither the server's answer nor JSON: the server is away, and what we hold stays as it is.
  }
  showExchange(`${method} ${path}`, answer);
  return answer;
}

function failure(answer) {
  if (answer.status === 0) return "The server does not answer. Your tokens are kept: try again when it is back.";
  if (answer.status >= 500) return "The server cannot answer right now. Your tokens are kept: try again in a moment.";
  const { detail = "The server refused.", code = "" } = answer.data ?? {};
  return `${answer.status}${code && ` ${code}`}: ${detail}`;
}

// --- what a person can do ---

async function signIn(form) {
  const answer = await call("POST", "/api/token/", { body: { username: form.username.value, password: form.password.value } });
  if (answer.status !== 200) {
    show($("sign-in-error"), failure(answer));
    form.password.focus();
    return;
  }
  show($("sign-in-error"), "");
  hold(answer.data);
  $("who").textContent = form.username.value;
  say("good", "Two tokens. Both clocks are running.");
  render();
  $("signed-in-title").focus();
}

async function callApi() {
  const answer = await call("GET", "/api/hello/", { bearer: current.access });
  if (answer.status === 200) say("good", `The API says: ${answer.data.message}`);
  else if (answer.data?.code === "token_expired") say("bad", "The access token has expired. Refresh, then call again.");
  else if (answer.status === 401) endHere(`${failure(answer)} This sign-in has been revoked.`);
  else say("bad", failure(answer));
}

async function refresh() {
  const before = current;
  const answer = await call("POST", "/api/token/refresh/", { body: { refresh: before.refresh.text } });
  if (answer.status === 200) {
    adopt(answer.data);
    say("good", "A new pair. The former tokens moved below: try them.");
  } else if (answer.status === 401) {
    endHere(`${failure(answer)} This sign-in is over.`);
  } else {
    say("bad", failure(answer));
  }
}

function adopt(pair) {
  const before = current;
  hold(pair);
  for (const kind of ["access", "refresh"]) {
    if (before[kind].text !== current[kind].text) retire(before[kind], "replaced");
  }
  former = former.filter((token) => token.text !== current.access.text && token.text !== current.refresh.text);
}

async function signOut() {
  const answer = await call("POST", "/api/logout/", { bearer: current.access, body: { scope: "current", refresh: current.refresh.text } });
  if (answer.status === 0 || answer.status >= 400) return say("bad", failure(answer));
  retire(current.access, "signed out");
  retire(current.refresh, "signed out");
  current = null;
  say("good", "Signed out. The former tokens are below: see what the server says to them now.");
  render();
  $("welcome-title").focus();
}

function endHere(message) {
  retire(current.access, "revoked");
  retire(current.refresh, "revoked");
  current = null;
  say("bad", message);
  render();
  $("welcome-title").focus();
}

async function tryFormer(token) {
  if (token.kind === "access") {
    const answer = await call("GET", "/api/hello/", { bearer: token });
    token.verdict = answer.status ? `${answer.status} ${answer.data?.code ?? ""}`.trim() : "";
    if (answer.status === 200) say("good", "It still works: replacing an access token does not end it. Its expiry does, or signing out.");
    else say("bad", failure(answer));
    return;
  }
  const answer = await call("POST", "/api/token/refresh/", { body: { refresh: token.text } });
  token.verdict = answer.status ? `${answer.status} ${answer.data?.code ?? ""}`.trim() : "";
  if (answer.status === 200 && current) {
    const same = answer.data.refresh === current.refresh.text;
    adopt(answer.data);
    say("good", same
      ? "Within a few seconds the parent obtains the current refresh token again, byte for byte: a lost answer harms nobody."
      : "Recovered: nobody had used its successor, so the family starts over from here and the successor is void.");
  } else if (answer.status === 401 && current) {
    say("bad", `${failure(answer)} Using it twice looks like theft, so the whole sign-in is revoked. Call the API and see.`);
  } else {
    say("bad", failure(answer));
  }
}

// One thing at a time: a second click while the first is under way does nothing.
async function once(action) {
  if (busy) return;
  busy = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    await action();
  } finally {
    busy = false;
    document.body.removeAttribute("aria-busy");
    render();
  }
}

// --- what a person sees ---

function element(name, text, className) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function show(node, text) {
  node.textContent = text;
  node.hidden = !text;
}

function say(mood, text) {
  $("status").replaceChildren(element("p", text, `notice status notice-${mood}`));
}

function render() {
  $("signed-out").hidden = current !== null;
  $("board").classList.toggle("board-holding", current !== null);
  for (const id of ["signed-in", "access", "refresh-token"]) $(id).hidden = current === null;
  if (current) {
    $("session-id").textContent = current.access.claims.sid;
    renderToken(current.access);
    renderToken(current.refresh);
  }
  renderFormer();
}

function renderToken(token) {
  const card = $(KINDS[token.kind].card);
  if (card.dataset.token === token.text) return;
  card.dataset.token = token.text;
  card.replaceChildren($("token-template").content.cloneNode(true));
  const find = (selector) => card.querySelector(selector);
  find(".token-title").id = `${card.id}-title`;
  find(".token-title").textContent = KINDS[token.kind].title;
  find(".token-use").textContent = KINDS[token.kind].use;
  const [header, claims, signature] = token.text.split(".");
  find(".part-header").textContent = header;
  find(".part-claims").textContent = claims;
  find(".part-signature").textContent = signature;
  find(".copy").setAttribute("aria-label", `Copy the ${KINDS[token.kind].title.toLowerCase()}`);
  find(".copy").addEventListener("click", (event) => copy(event.currentTarget, token.text));
  find(".header-words").textContent = `Header: ${Object.entries(token.header).map(([name, value]) => `${name} ${value}`).join(", ")}`;
  find(".claims").replaceChildren(...Object.entries(token.claims).map(claimRow));
  tick(token);
}

function claimRow([name, value]) {
  const row = element("div");
  const when = TIMES.has(name) && new Date(value * 1000).toLocaleTimeString();
  const meaning = [MEANINGS[name] ?? "a claim of this project", when].filter(Boolean).join(": ");
  const shown = typeof value === "string" ? value : JSON.stringify(value);
  row.append(element("dt", name), element("dd", shown, "claim-value"), element("dd", meaning, "claim-meaning"));
  return row;
}

function renderFormer() {
  const focused = document.activeElement?.dataset.token;
  $("old").hidden = former.length === 0;
  $("old-list").replaceChildren(...former.map(formerItem));
  if (focused) [...$("old-list").querySelectorAll("button")].find((button) => button.dataset.token === focused)?.focus();
}

function formerItem(token) {
  const item = element("li");
  const name = KINDS[token.kind].title;
  const words = element("div", "", "old-words");
  words.append(element("span", name, `old-kind old-${token.kind}`), element("span", ` ${token.why}`, "muted"));
  words.append(element("code", `…${token.text.slice(-12)}`, "old-tail"));
  const button = element("button", "Try it", "button button-small");
  button.type = "button";
  button.setAttribute("aria-label", `Try the former ${name.toLowerCase()} ending in ${token.text.slice(-4)}`);
  button.dataset.token = token.text;
  button.addEventListener("click", () => once(() => tryFormer(token)));
  if (token.verdict) item.append(words, element("span", token.verdict, `pill ${token.verdict.startsWith("2") ? "pill-good" : "pill-bad"}`), button);
  else item.append(words, button);
  return item;
}

function showExchange(request, answer) {
  $("exchange").hidden = false;
  $("exchange-request").textContent = request;
  $("exchange-status").textContent = answer.status || "no answer";
  $("exchange-status").className = `pill ${answer.status && answer.status < 400 ? "pill-good" : "pill-bad"}`;
  const shorten = (key, value) => (typeof value === "string" && value.length > 60 ? `${value.slice(0, 16)}…${value.slice(-8)}` : value);
  $("exchange-body").textContent = answer.data ? JSON.stringify(answer.data, shorten, 2) : "(empty)";
}

async function copy(button, text) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not allowed";
  }
  setTimeout(() => { button.textContent = label; }, 1600);
}

// --- clocks ---

function words(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const rest = String(seconds % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

function tick(token) {
  const card = $(KINDS[token.kind].card);
  const left = secondsLeft(token);
  const whole = Math.max(1, token.claims.exp - token.receivedAt / 1000);
  card.classList.toggle("token-expired", left === 0);
  card.querySelector(".clock-rest").textContent = left ? words(left) : "Expired";
  card.querySelector(".clock-note").textContent = left ? KINDS[token.kind].live : KINDS[token.kind].dead;
  card.querySelector(".ring-rest").setAttribute("stroke-dashoffset", String(100 - Math.min(100, (left / whole) * 100)));
  if (left === 0 && !token.announced) {
    token.announced = true;
    if (token.kind === "access") say("bad", "The access token has expired. Refresh to get the next pair.");
  }
}

setInterval(() => {
  if (current) [current.access, current.refresh].forEach(tick);
}, 500);

// --- start ---

$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  once(() => signIn(event.target));
});
$("call-api").addEventListener("click", () => once(callApi));
$("refresh").addEventListener("click", () => once(refresh));
$("sign-out").addEventListener("click", () => once(signOut));
for (const line of document.querySelectorAll(".lines dd")) {
  const button = element("button", "Copy", "button button-small copy");
  button.type = "button";
  button.setAttribute("aria-label", `Copy: ${line.previousElementSibling.textContent}`);
  button.addEventListener("click", () => copy(button, line.querySelector("code").textContent));
  line.append(button);
}
$("sign-in-button").disabled = false;
