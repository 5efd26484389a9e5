// Made from chat.ts by go generate ./web.

// ../examples/chat/page/chat.ts
import { io } from "/socket.io/socket.io.esm.min.js";
var MAX_PICTURE = 3e5;
var PATIENCE = 1e4;
var socket = io({ autoConnect: false, transports: wantedTransports() });
var outbox = [];
var typists = /* @__PURE__ */ new Map();
var me = { name: "", room: "" };
var joined = false;
var sending = false;
var lastTyped = 0;
function get(id) {
  return document.getElementById(id);
}
function wantedTransports() {
  const wanted = new URLSearchParams(location.search).getAll("transport");
  return wanted.length > 0 ? wanted : ["polling", "websocket"];
}
function isError(answer) {
  return typeof answer === "object" && answer !== null && "error" in answer;
}
get("join").addEventListener("submit", (event) => {
  event.preventDefault();
  const room = document.querySelector("input[name=room]:checked").value;
  me = { name: get("name").value.trim(), room };
  get("refusal").textContent = "";
  if (socket.connected) void join();
  else socket.connect();
});
async function join() {
  const wanted = me;
  let answer;
  try {
    answer = await socket.timeout(PATIENCE).emitWithAck("join", wanted);
  } catch {
    if (socket.connected) setTimeout(join, 1e3);
    return;
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
function refused(reason) {
  if (get("chat").hidden) get("refusal").textContent = reason;
  else setTimeout(() => socket.connected && !joined && join(), 1e3);
}
function showRooms(rooms) {
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
    })
  );
}
function showOnline(names) {
  get("online").replaceChildren(
    ...names.map((name) => {
      const item = document.createElement("li");
      item.textContent = name === me.name ? `${name} (you)` : name;
      return item;
    })
  );
}
function showHistory(history) {
  for (const image of document.querySelectorAll("#messages img")) URL.revokeObjectURL(image.src);
  get("messages").replaceChildren();
  for (const message of history) show(message);
  for (const draft of outbox) show(draft);
}
function show(message) {
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
function picture(data, from) {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([data], { type: "image/jpeg" }));
  image.alt = `Picture from ${from}`;
  image.addEventListener("load", () => get("messages").scrollTop = get("messages").scrollHeight);
  return image;
}
function say(text, data) {
  const draft = { key: crypto.getRandomValues(new Uint32Array(4)).join("-"), text };
  if (data) draft.picture = data;
  outbox.push(draft);
  show(draft);
  void sendOutbox();
}
async function sendOutbox() {
  if (sending) return;
  sending = true;
  while (joined && outbox.length > 0) {
    try {
      const answer = await socket.timeout(PATIENCE).emitWithAck("say", outbox[0]);
      if (isError(answer)) trouble(`Not sent: ${answer.error}`);
      else if (socket.connected) trouble("");
      outbox.shift();
    } catch {
      if (!socket.connected) break;
    }
  }
  sending = false;
}
get("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = get("text");
  if (field.value.trim() === "") return;
  say(field.value.trim());
  field.value = "";
  stopTyping();
});
get("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  get("say").requestSubmit();
});
get("picture").addEventListener("change", async (event) => {
  const input = event.target;
  const file = input.files?.[0];
  input.value = "";
  if (!file) return;
  try {
    say("", await shrink(file));
  } catch {
    trouble("That picture cannot be read.");
  }
});
async function shrink(file) {
  const bitmap = await createImageBitmap(file);
  for (let side = 1280; ; side /= 2) {
    const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    if (!blob) throw new Error("the picture cannot be encoded");
    if (blob.size <= MAX_PICTURE) return blob.arrayBuffer();
  }
}
get("text").addEventListener("input", () => {
  const now = Date.now();
  if (get("text").value === "") stopTyping();
  else if (joined && now - lastTyped > 2e3) {
    lastTyped = now;
    socket.volatile.emit("typing", true);
  }
});
function stopTyping() {
  if (lastTyped !== 0 && joined) socket.volatile.emit("typing", false);
  lastTyped = 0;
}
function showTyping() {
  const names = [...typists.keys()];
  get("typing").textContent = names.length === 0 ? "" : `${names.join(", ")} ${names.length === 1 ? "is" : "are"} typing…`;
}
socket.on("typing now", (name, typing) => {
  clearTimeout(typists.get(name));
  if (typing) typists.set(name, window.setTimeout(() => (typists.delete(name), showTyping()), 5e3));
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
  if (!socket.active) setTimeout(() => socket.connect(), 2e3);
});
function trouble(text) {
  get("trouble").textContent = text;
  get("trouble").hidden = text === "";
}
function showConnection() {
  const line = get("connection");
  line.classList.toggle("away", !socket.connected);
  line.textContent = socket.connected ? `connected over ${socket.io.engine.transport.name}` : "connecting…";
}
