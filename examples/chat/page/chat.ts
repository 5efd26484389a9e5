// The page of the chat. It shows how to keep what somebody has typed safe: a message stays in the
// outbox until the server has acknowledged it, however often the connection is lost in between.
import { io, type Socket } from "/socket.io/socket.io.esm.min.js";

interface Draft {
  key: string; // tells the server a repetition from a new message
  text: string;
  picture?: ArrayBuffer;
}

interface Message extends Draft {
  from: string;
  time: string;
}

interface Joined {
  rooms: string[];
  online: string[];
  history: Message[];
}

// What a call is answered with: its result, nothing, or why it failed.
type Answer<T> = T | { error: string };

interface FromServer {
  said: (message: Message) => void;
  online: (names: string[]) => void;
  "typing now": (name: string, typing: boolean) => void;
}

interface ToServer {
  join: (who: { name: string; room: string }, done: (answer: Answer<Joined>) => void) => void;
  say: (draft: Draft, done: (answer?: Answer<object>) => void) => void;
  typing: (typing: boolean) => void;
}

const MAX_PICTURE = 300_000; // bytes, as in the server
const PATIENCE = 10_000; // how long an answer may take, in ms

const socket: Socket<FromServer, ToServer> = io({ autoConnect: false, transports: wantedTransports() });
const outbox: Draft[] = [];
const typists = new Map<string, number>(); // who types, and the timer that forgets it
let me = { name: "", room: "" };
let joined = false;
let sending = false;
let lastTyped = 0;

function get<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** ?transport=polling in the page's address asks for one transport only. */
function wantedTransports(): string[] {
  const wanted = new URLSearchParams(location.search).getAll("transport");
  return wanted.length > 0 ? wanted : ["polling", "websocket"];
}

function isError(answer: unknown): answer is { error: string } {
  return typeof answer === "object" && answer !== null && "error" in answer;
}

// --- Joining ---

get("join").addEventListener("submit", (event) => {
  event.preventDefault();
  const room = document.querySelector<HTMLInputElement>("input[name=room]:checked")!.value;
  me = { name: get<HTMLInputElement>("name").value.trim(), room };
  get("refusal").textContent = "";
  if (socket.connected) void join();
  else socket.connect();
});

async function join(): Promise<void> {
  const wanted = me;
  let answer: Answer<Joined>;
  try {
    answer = await socket.timeout(PATIENCE).emitWithAck("join", wanted);
  } catch {
    if (socket.connected) setTimeout(join, 1000);
    return; // otherwise it is tried again when the connection is back
  }
  if (wanted !== me) return;
  if (isError(answer)) {
    refused(answer.error);
    return;
  }
  joined = true;
  get("welcome").hidden = true;
  get("chat").hidden = false;
  showRooms(answer.rooms);
  showOnline(answer.online);
  showHistory(answer.history);
  showConnection();
  get("text").focus();
  void sendOutbox();
}

/** Back after a lost connection, the server may not have noticed yet that the old one is gone. */
function refused(reason: string): void {
  if (get("chat").hidden) get("refusal").textContent = reason;
  else setTimeout(() => socket.connected && !joined && join(), 1000);
}

function showRooms(rooms: string[]): void {
  get("rooms").replaceChildren(
    ...rooms.map((room) => {
      const button = document.createElement("button");
      button.textContent = room;
      if (room === me.room) button.setAttribute("aria-current", "true");
      button.addEventListener("click", () => {
        if (room === me.room) return;
        me = { ...me, room };
        joined = false;
        if (socket.connected) void join();
      });
      return button;
    }),
  );
}

function showOnline(names: string[]): void {
  get("online").replaceChildren(
    ...names.map((name) => {
      const item = document.createElement("li");
      item.textContent = name === me.name ? `${name} (you)` : name;
      return item;
    }),
  );
}

// --- Messages ---

function showHistory(history: Message[]): void {
  for (const image of document.querySelectorAll("#messages img")) URL.revokeObjectURL((image as HTMLImageElement).src);
  get("messages").replaceChildren();
  for (const message of history) show(message);
  for (const draft of outbox) show(draft);
}

/** Shows a message at the end, or, without a sender, a draft that is still to be sent. */
function show(message: Draft | Message): void {
  const sent = "from" in message;
  const item = document.createElement("li");
  const from = sent ? message.from : me.name;
  item.classList.toggle("mine", from === me.name);
  item.classList.toggle("waiting", !sent);
  item.dataset.key = message.key;
  const head = document.createElement("small");
  const time = sent ? new Date(message.time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) : "not sent yet";
  head.textContent = `${from} · ${time}`;
  item.append(head, message.text);
  if (message.picture) item.append(picture(message.picture, from));
  const list = get("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const draft = sent && from === me.name && list.querySelector(`[data-key="${CSS.escape(message.key)}"]`);
  if (draft) draft.replaceWith(item);
  else list.append(item);
  if (atEnd || from === me.name) list.scrollTop = list.scrollHeight;
}

function picture(data: ArrayBuffer, from: string): HTMLImageElement {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([data], { type: "image/jpeg" }));
  image.alt = `Picture from ${from}`;
  image.addEventListener("load", () => (get("messages").scrollTop = get("messages").scrollHeight));
  return image;
}

function say(text: string, data?: ArrayBuffer): void {
  const draft: Draft = { key: crypto.getRandomValues(new Uint32Array(4)).join("-"), text };
  if (data) draft.picture = data;
  outbox.push(draft);
  show(draft);
  void sendOutbox();
}

/** Sends what waits, one after the other. What is not acknowledged stays. */
async function sendOutbox(): Promise<void> {
  if (sending) return;
  sending = true;
  while (joined && outbox.length > 0) {
    try {
      const answer = await socket.timeout(PATIENCE).emitWithAck("say", outbox[0]!);
      if (isError(answer)) trouble(`Not sent: ${answer.error}`);
      else if (socket.connected) trouble("");
      outbox.shift();
    } catch {
      if (!socket.connected) break; // joining again sends it again
    }
  }
  sending = false;
}

get("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = get<HTMLTextAreaElement>("text");
  if (field.value.trim() === "") return;
  say(field.value.trim());
  field.value = "";
  stopTyping();
});

get("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  get<HTMLFormElement>("say").requestSubmit();
});

get("picture").addEventListener("change", async (event) => {
  const input = event.target as HTMLInputElement;
  const file = input.files?.[0];
  input.value = "";
  if (!file) return;
  try {
    say("", await shrink(file));
  } catch {
    trouble("That picture cannot be read.");
  }
});

/** Makes a JPEG that is small enough to be sent. */
async function shrink(file: File): Promise<ArrayBuffer> {
  const bitmap = await createImageBitmap(file);
  for (let side = 1280; ; side /= 2) {
    const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d")!;
    context.fillStyle = "white"; // JPEG has no transparency
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    if (!blob) throw new Error("the picture cannot be encoded");
    if (blob.size <= MAX_PICTURE) return blob.arrayBuffer();
  }
}

// --- Typing ---

get("text").addEventListener("input", () => {
  const now = Date.now();
  if (get<HTMLTextAreaElement>("text").value === "") stopTyping();
  else if (joined && now - lastTyped > 2000) {
    lastTyped = now;
    socket.volatile.emit("typing", true);
  }
});

function stopTyping(): void {
  if (lastTyped !== 0 && joined) socket.volatile.emit("typing", false);
  lastTyped = 0;
}

function showTyping(): void {
  const names = [...typists.keys()];
  get("typing").textContent =
    names.length === 0 ? "" : `${names.join(", ")} ${names.length === 1 ? "is" : "are"} typing…`;
}

socket.on("typing now", (name, typing) => {
  clearTimeout(typists.get(name));
  if (typing) typists.set(name, window.setTimeout(() => (typists.delete(name), showTyping()), 5000));
  else typists.delete(name);
  showTyping();
});

socket.on("said", (message) => {
  clearTimeout(typists.get(message.from));
  typists.delete(message.from);
  showTyping();
  show(message);
});

socket.on("online", showOnline);

// --- The connection ---

socket.on("connect", () => {
  socket.io.engine.on("upgrade", showConnection);
  trouble("");
  showConnection();
  void join();
});

socket.on("disconnect", (reason) => {
  joined = false;
  trouble("The server is away. What you write is kept, and sent when it is back.");
  showConnection();
  if (reason === "io server disconnect") socket.connect();
});

socket.on("connect_error", () => {
  if (get("chat").hidden) get("refusal").textContent = "The server does not answer. Trying again…";
  showConnection();
  if (!socket.active) setTimeout(() => socket.connect(), 2000);
});

function trouble(text: string): void {
  get("trouble").textContent = text;
  get("trouble").hidden = text === "";
}

function showConnection(): void {
  const line = get("connection");
  line.classList.toggle("away", !socket.connected);
  line.textContent = socket.connected ? `connected over ${socket.io.engine.transport.name}` : "connecting…";
}
