// The booth console in the browser: keys, cameras, pictures made small before they are sent, and the lock. No frameworks but htmx.
"use strict";

const isTyping = (element) =>
  element && (element.isContentEditable || (/^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName) && !/^(radio|checkbox|file|submit|button)$/.test(element.type)));
const isSeen = (element) => element.offsetParent !== null || element.closest("dialog[open]");
const work = () => document.getElementById("work");

// --- keys: every act carries its key in data-key; a letter typed into a field stays a letter -----------------------------------
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && isTyping(document.activeElement)) {
    document.activeElement.blur();
    work().focus({ preventScroll: true });
    return;
  }
  if (isTyping(document.activeElement)) return;
  const dialog = document.querySelector("dialog[open]");
  if (dialog) return;
  if (event.key === "Enter") {
    const active = document.activeElement;
    if (active && /^(BUTTON|A|SUMMARY)$/.test(active.tagName)) return;
    const form = document.getElementById("capture");
    if (form) {
      event.preventDefault();
      form.requestSubmit(form.querySelector(".main"));
    }
    return;
  }
  const wanted = event.key.toUpperCase();
  for (const element of document.querySelectorAll("[data-key]")) {
    if (element.dataset.key !== wanted || !(isSeen(element) || element.type === "radio" || element.type === "checkbox")) continue;
    event.preventDefault();
    if (event.repeat) return;
    element.click();
    return;
  }
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  const verdict = event.target.closest(".verdicts button[data-needs-reason]");
  if (verdict) {
    // deciding against the advice asks for a reason first: the key opens the field, Enter there sends
    const label = verdict.form.querySelector(".reason");
    const input = label.querySelector("input");
    if (!input.value.trim()) {
      event.preventDefault();
      label.hidden = false;
      input.required = true;
      input.dataset.outcome = verdict.value;
      input.focus();
    }
  }
});

document.addEventListener("keydown", (event) => {
  const input = event.target.closest && event.target.closest(".reason input");
  if (input && event.key === "Enter") {
    event.preventDefault();
    if (!input.value.trim()) return;
    const button = [...input.form.querySelectorAll("button[name=outcome]")].find((b) => b.value === input.dataset.outcome);
    if (button) button.click();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  if (event.target.matches("#capture [name=how], #capture [name=direction]")) showParts();
  if (event.target.matches(".slot input[type=file]") && event.target.files.length && !event.target.dataset.made) {
    keepPicture(event.target.closest(".slot"), event.target.files[0]);
  }
});

// --- which parts of the form are asked for -------------------------------------------------------------------------------------
function showParts() {
  const form = document.getElementById("capture");
  if (!form) return;
  const how = form.elements.how.value;
  const direction = form.elements.direction.value;
  for (const part of form.querySelectorAll("[data-shown-for]")) part.hidden = !part.dataset.shownFor.split(" ").includes(how);
  for (const part of form.querySelectorAll("[data-shown-on]")) part.hidden = part.dataset.shownOn !== direction;
  const surname = form.querySelector("[name=primary_identifier]");
  surname.required = how !== "page";
  const changed = form.dataset.how && form.dataset.how !== how;
  form.dataset.how = how;
  if (changed && how !== "page") form.querySelector(how === "keyed" ? "[name=document_number]" : "[name=primary_identifier]").focus();
}

// --- pictures ------------------------------------------------------------------------------------------------------------------
const streams = new Map(); // slot name -> MediaStream, kept warm between travellers
const choices = "booth-camera-"; // localStorage: which camera serves which slot on this terminal

async function openCamera(slot) {
  const name = slot.dataset.slot;
  const known = streams.get(name);
  if (known && known.active) return known;
  const wanted = localStorage.getItem(choices + name);
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: {
      width: { ideal: slot.dataset.kind === "page" ? 1920 : 1280 },
      facingMode: slot.dataset.kind === "page" ? "environment" : "user",
      ...(wanted ? { deviceId: { ideal: wanted } } : {}),
    },
  });
  const settings = stream.getVideoTracks()[0].getSettings();
  if (settings.deviceId) localStorage.setItem(choices + name, settings.deviceId);
  streams.set(name, stream);
  return stream;
}

async function take(slot) {
  const video = slot.querySelector("video");
  if (!video.hidden) {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    closeView(slot);
    await keepPicture(slot, canvas);
    return;
  }
  try {
    video.srcObject = await openCamera(slot);
  } catch {
    advise(slot, "noCamera", false);
    return;
  }
  slot.querySelector("img").hidden = true;
  slot.querySelector(".empty").hidden = true;
  video.hidden = false;
  await video.play();
}

function closeView(slot) {
  const video = slot.querySelector("video");
  video.hidden = true;
  video.srcObject = null;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".slot .take");
  if (button) take(button.closest(".slot"));
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const slot = event.target.closest && event.target.closest(".slot");
    if (kind === "drop" || slot) event.preventDefault();
    if (!slot) return;
    slot.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) keepPicture(slot, event.dataTransfer.files[0]);
  });
}

async function keepPicture(slot, source) {
  // what the engines need and no more: the link may carry 128 kbit/s
  const input = slot.querySelector("input[type=file]");
  let bitmap = source;
  if (source instanceof Blob) {
    try {
      bitmap = await createImageBitmap(source, { imageOrientation: "from-image" });
    } catch {
      input.value = "";
      slot.classList.remove("filled");
      advise(slot, "unread", false);
      return;
    }
  }
  const scale = Math.min(1, Number(slot.dataset.longest) / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await encode(canvas, Number(slot.dataset.bytes));
  const files = new DataTransfer();
  files.items.add(new File([blob], `${slot.dataset.slot}.jpg`, { type: "image/jpeg" }));
  input.dataset.made = "1"; // the change that this makes is our own
  input.files = files.files;
  delete input.dataset.made;
  const image = slot.querySelector("img");
  if (image.src) URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(blob);
  image.alt = slot.getAttribute("aria-label");
  image.hidden = false;
  slot.querySelector(".empty").hidden = true;
  slot.classList.add("filled");
  slot.dataset.sentBytes = blob.size;
  const fault = judge(context, canvas, slot.dataset.kind);
  advise(slot, fault || "good", !fault);
  forget(slot);
  // a picture that has to be taken again is not worth the link
  if (!fault) giveAhead(slot, blob);
}

// --- what is taken is given ahead: the page is read while the face is taken, and the last key sends a few bytes ----------------
const onTheWay = new Map(); // slot -> XMLHttpRequest

function forget(slot) {
  const upload = onTheWay.get(slot);
  onTheWay.delete(slot);
  if (upload) upload.abort();
  slot.querySelector("[name$=_ahead]").value = "";
}

function giveAhead(slot, blob) {
  const upload = new XMLHttpRequest();
  const body = new FormData();
  body.append("kind", slot.dataset.kind.toUpperCase());
  body.append("picture", blob, "picture.jpg");
  upload.open("POST", slot.dataset.ahead);
  upload.setRequestHeader("X-CSRFToken", JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]);
  upload.timeout = 20000;
  upload.upload.addEventListener("progress", (event) => {
    slot.dataset.share = event.total ? event.loaded / event.total : 0;
    if (waiting) showProgress();
  });
  upload.addEventListener("loadend", () => {
    if (onTheWay.get(slot) !== upload) return;
    onTheWay.delete(slot);
    // whatever went wrong: then the picture goes with the traveller
    if (upload.status === 201) slot.querySelector("[name$=_ahead]").value = JSON.parse(upload.responseText).id;
    if (waiting && !onTheWay.size) waiting();
  });
  onTheWay.set(slot, upload);
  slot.dataset.share = 0;
  upload.send(body);
}

function showProgress() {
  const line = document.querySelector(".sending");
  const shares = [...onTheWay.keys()].map((slot) => Number(slot.dataset.share));
  if (line && shares.length) line.textContent = `${line.dataset.text} ${Math.round(100 * Math.min(...shares))} %`;
}

// who presses Enter before the pictures are over waits for them, and sends nothing twice
let waiting = null;
document.addEventListener("htmx:confirm", (event) => {
  if (event.target.id !== "capture" || !onTheWay.size) return;
  event.preventDefault();
  if (waiting) return;
  waiting = () => {
    waiting = null;
    event.detail.issueRequest(true);
  };
  showProgress();
});
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id !== "capture") return;
  for (const slot of document.querySelectorAll(".slot")) {
    if (slot.querySelector("[name$=_ahead]").value) event.detail.formData.delete(slot.dataset.slot);
  }
});
document.addEventListener("captures-gone", () => {
  const form = document.getElementById("capture");
  if (!form) return;
  document.querySelectorAll(".slot").forEach(forget);
  form.requestSubmit(form.querySelector(".main"));
});

async function encode(canvas, limit) {
  let blob = null;
  for (const quality of [0.9, 0.82, 0.74, 0.66, 0.58, 0.5, 0.4]) {
    blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (blob.size <= limit) break;
  }
  return blob;
}

// the first fault of a picture that an officer can mend at once, or "": light, contrast, sharpness, size, reflections
function judge(context, canvas, kind) {
  const step = Math.max(1, Math.round(Math.max(canvas.width, canvas.height) / 640));
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  const left = kind === "face" ? width * 0.25 : width * 0.05;
  const right = width - left;
  let count = 0, sum = 0, squares = 0, bright = 0, edges = 0;
  const grey = (x, y) => {
    const i = 4 * (y * width + x);
    return 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
  };
  for (let y = step; y < height - step; y += step) {
    for (let x = Math.ceil(left); x < right - step; x += step) {
      const g = grey(x, y);
      const laplace = 4 * g - grey(x - 1, y) - grey(x + 1, y) - grey(x, y - 1) - grey(x, y + 1);
      count += 1;
      sum += g;
      squares += g * g;
      edges += laplace * laplace;
      if (g > 250) bright += 1;
    }
  }
  if (!count || Math.max(canvas.width, canvas.height) < (kind === "page" ? 600 : 200)) return "small";
  const mean = sum / count;
  const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
  if (mean < 55) return "dark";
  if (mean > 235) return "bright";
  if (deviation < 14) return "flat";
  if (kind === "page" && bright / count > 0.05 && mean < 200) return "glare";
  if (edges / count < (kind === "page" ? 40 : 12)) return "blurred";
  return "";
}

function advise(slot, key, isGood) {
  const line = slot.querySelector(".advice");
  line.textContent = slot.dataset[key];
  line.className = `advice ${isGood ? "good" : "bad"}`;
}

// --- the chip: a document reader saves EF_SOD.bin, EF_COM.bin, DG1.bin …; each goes to the part of its name -----------------------
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-chip]")) return;
  const form = event.target.form;
  let taken = 0;
  for (const file of event.target.files) {
    const part = form.querySelector(`input[type=file][name="${file.name.replace(/\.[^.]*$/, "").toLowerCase().replace(/[^a-z0-9_]/g, "")}"]`);
    if (!part) continue;
    const files = new DataTransfer();
    files.items.add(file);
    part.files = files.files;
    taken += 1;
  }
  const line = document.getElementById("chip-files");
  line.textContent = `${taken} ${line.dataset.text}`;
});

// --- what htmx tells us --------------------------------------------------------------------------------------------------------
document.addEventListener("htmx:sendError", () => (document.getElementById("link").hidden = false));
document.addEventListener("htmx:timeout", () => (document.getElementById("link").hidden = false));
document.addEventListener("htmx:afterOnLoad", () => (document.getElementById("link").hidden = true));
document.addEventListener("htmx:sendError", (event) => {
  // a panel that asks how far the checks are goes on asking
  const panel = event.target.closest && event.target.closest("[data-inspection]");
  if (panel) setTimeout(() => htmx.trigger(panel, "load"), 2000);
});
document.addEventListener("htmx:xhr:progress", (event) => {
  const line = document.querySelector(".sending");
  if (line && event.detail.total) line.textContent = `${line.dataset.text} ${Math.round((100 * event.detail.loaded) / event.detail.total)} %`;
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "work" && event.detail.target.id !== "work") {
    const first = event.detail.target.querySelector && event.detail.target.querySelector("input:not([type=hidden])");
    if (first) first.focus();
    return;
  }
  settle();
});

// a drawn traveller of the training post comes with pictures: they go the way of every other picture
async function layIn() {
  for (const slot of document.querySelectorAll(".slot[data-preset]")) {
    const address = slot.dataset.preset;
    delete slot.dataset.preset;
    const answer = await fetch(address, { credentials: "same-origin" });
    if (answer.ok) await keepPicture(slot, await answer.blob());
  }
}

function settle() {
  showParts();
  layIn();
  const line = document.querySelector(".panel:not(.running) .advice-line");
  scrollTo(0, 0);
  // read aloud at once, and Tab goes on from here
  (line || work()).focus({ preventScroll: true });
}

// --- the lock ------------------------------------------------------------------------------------------------------------------
let actedAt = Date.now();
for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => (actedAt = Date.now()), { passive: true });
setInterval(() => {
  const { lock, idleS } = document.body.dataset;
  if (lock && location.pathname !== lock && Date.now() - actedAt > 1000 * Number(idleS)) location.assign(lock);
}, 1000);

// --- the booth as a witness: the last signed head of the post's audit trail is kept here and handed back once an hour --------------
async function witness() {
  const { witness: address, stream } = document.body.dataset;
  const name = `audit-head:${stream}`;
  if (!address || Date.now() - Number(localStorage.getItem(`${name}:at`)) < 3600000) return;
  try {
    const answer = await fetch(address, {
      method: "POST",
      credentials: "same-origin",
      headers: JSON.parse(document.body.getAttribute("hx-headers")),
      body: new URLSearchParams({ note: localStorage.getItem(name) || "" }),
    });
    if (!answer.ok || answer.redirected) return;
    const { agrees, note } = await answer.json();
    localStorage.setItem(`${name}:at`, Date.now());
    // one that no longer fits stays and is handed back again: it is the proof
    if (agrees && note) localStorage.setItem(name, note);
  } catch {
    // no link, or no place to keep it: another time
  }
}
witness();
setInterval(witness, 600000);

for (const element of document.querySelectorAll("[data-unseen]")) element.hidden = true;
showParts();
if (!document.querySelector("[autofocus]")) settle();
