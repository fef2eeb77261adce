// Passkeys: ask the server for options, let the browser's authenticator answer, send the answer back.
"use strict";
(() => {
  const ready = window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.PublicKeyCredential?.parseCreationOptionsFromJSON;

  const post = async (path, body) => {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (said.code === "E_FRESH") location.assign(`/prove?next=${encodeURIComponent(location.pathname)}`);
    if (!answer.ok) throw new Error(said.title);
    return said;
  };

  const use = async () => {
    const options = await post("/api/passkeys/challenge", {});
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials.get({ publicKey });
    await post("/api/session/passkey", { credential: credential.toJSON() });
  };

  const add = async (name) => {
    const options = await post("/api/passkeys/options", {});
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    const credential = await navigator.credentials.create({ publicKey });
    await post("/api/passkeys", { credential: credential.toJSON(), name });
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const place of document.querySelectorAll("[data-passkey]")) {
      const button = place.querySelector("button");
      const message = place.querySelector("[data-message]");
      if (!ready) {
        message.textContent = place.dataset.unable;
        continue;
      }
      button.hidden = false;
      button.addEventListener("click", async () => {
        button.disabled = true;
        message.textContent = place.dataset.waiting;
        try {
          await (place.dataset.passkey === "add" ? add(place.querySelector("input")?.value ?? "") : use());
          location.assign(place.dataset.next);
        } catch (error) {
          // The browser's own refusals (cancelled, timed out) are named in its language; ours come as sentences.
          message.textContent = error instanceof DOMException ? place.dataset.failed : error.message;
          button.disabled = false;
        }
      });
    }
  });
})();
