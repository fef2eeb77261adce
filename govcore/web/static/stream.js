// A page that the server keeps up to date through one stream: only what changed is replaced, new facts are marked.
"use strict";
(() => {
  const root = document.querySelector("[data-stream]");
  const screen = root?.querySelector("[data-screen]");
  if (!screen || !window.EventSource) return;
  const news = root.querySelector("[data-news]");
  const mine = root.querySelector("[data-mine]");
  const FOCUSABLE = "a[href], button, summary, [tabindex='0']";

  // Blocks as the server wrote them: a running countdown is no change.
  const written = new Map();
  const facts = () => new Set([...screen.querySelectorAll("[data-fact]")].map((el) => el.dataset.fact));

  const replace = (old, fresh) => {
    const place = [...old.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
    old.replaceWith(fresh);
    if (place >= 0) fresh.querySelectorAll(FOCUSABLE)[place]?.focus({ preventScroll: true });
  };

  const show = (html) => {
    const before = facts();
    const next = document.createElement("template");
    next.innerHTML = html;
    const told = [];
    for (const fresh of next.content.querySelectorAll("[data-block]")) {
      const name = fresh.dataset.block;
      const old = screen.querySelector(`[data-block="${name}"]`);
      if (!old || written.get(name) === fresh.outerHTML) continue;
      written.set(name, fresh.outerHTML);
      for (const el of [fresh, ...fresh.querySelectorAll("[data-fact]")]) {
        if (!el.dataset.fact || before.has(el.dataset.fact)) continue;
        el.classList.add("fresh");
        if ("told" in el.dataset) told.unshift(el.textContent.trim().replace(/\s+/g, " "));
      }
      replace(old, fresh);
    }
    if (told.length) news.textContent = told.join(". ");
  };

  // What the reader may do is asked for again, but never taken away from under somebody who writes.
  const inUse = () =>
    mine.contains(document.activeElement) ||
    [...mine.querySelectorAll("textarea, input[type=file]")].some((field) => field.value);
  let waiting = false;
  const renewMine = async () => {
    if (!mine?.dataset.mine) return;
    waiting = inUse();
    if (waiting) return;
    const answer = await fetch(mine.dataset.mine, { cache: "no-store" });
    if (answer.ok && !inUse()) mine.innerHTML = await answer.text();
  };
  mine?.addEventListener("focusout", () => setTimeout(() => waiting && renewMine(), 0));

  let source = null;
  let last = new URL(root.dataset.stream, location.href).searchParams.get("after");
  const open = () => {
    const address = new URL(root.dataset.stream, location.href);
    address.searchParams.set("after", last);
    source = new EventSource(address);
    source.addEventListener("open", () => delete root.dataset.stale);
    source.addEventListener("fact", (event) => (last = event.lastEventId));
    source.addEventListener("screen", (event) => {
      show(event.data);
      renewMine();
    });
    source.addEventListener("ended", () => {
      source.close();
      root.dataset.ended = "";
    });
    source.addEventListener("error", () => {
      root.dataset.stale = "";
      if (source.readyState === EventSource.CLOSED && !("ended" in root.dataset)) setTimeout(open, 5000);
    });
  };
  // A page that nobody looks at holds no line; it gets what it missed when it is looked at again.
  document.addEventListener("visibilitychange", () => {
    if ("ended" in root.dataset) return;
    source?.close();
    source = null;
    if (document.visibilityState === "visible") open();
  });
  for (const block of screen.querySelectorAll("[data-block]")) written.set(block.dataset.block, block.outerHTML);
  if (document.visibilityState === "visible") open();
})();
