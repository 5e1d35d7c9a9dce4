// The key of this terminal: made here, kept by the browser so that no script can read it, and used to sign each sign-in.
"use strict";

const KEY = { name: "ECDSA", namedCurve: "P-256" };
const toBase64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));

function inStore(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("bmis-terminal", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("device");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const request = act(opening.result.transaction("device", mode).objectStore("device"));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    };
  });
}

async function enrol(form) {
  const keys = await crypto.subtle.generateKey(KEY, false, ["sign", "verify"]);
  const publicKey = toBase64(await crypto.subtle.exportKey("spki", keys.publicKey));
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code: form.elements.code.value, public_key: publicKey }),
  });
  if (!answer.ok) {
    form.querySelector(".message").hidden = false;
    return;
  }
  const { device } = await answer.json();
  await inStore("readwrite", (store) => store.put({ device, privateKey: keys.privateKey }, "own"));
  location.assign(form.dataset.next);
}

async function prove(form) {
  const own = await inStore("readonly", (store) => store.get("own"));
  if (own) {
    const challenge = form.dataset.challenge;
    const message = new TextEncoder().encode(`bmis-sign-in\n${own.device}\n${challenge}`);
    const signature = toBase64(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, own.privateKey, message));
    for (const [name, value] of Object.entries({ device: own.device, challenge, signature })) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      form.append(field);
    }
  }
}

const enrolment = document.getElementById("enrolment");
if (enrolment) {
  enrolment.addEventListener("submit", (event) => {
    event.preventDefault();
    enrol(enrolment);
  });
}

const signIn = document.querySelector("form[data-challenge]");
// without a secure context (plain HTTP in a demo) there is no key, and the server decides whether one is asked for
if (signIn && globalThis.crypto && crypto.subtle && globalThis.indexedDB) {
  signIn.addEventListener("submit", (event) => {
    event.preventDefault();
    prove(signIn).catch(() => {}).then(() => signIn.submit());
  }, { once: true });
}
