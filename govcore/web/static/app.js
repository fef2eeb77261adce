// The pages work without this file; it makes the clock tick and remembers large type.
"use strict";
(() => {
  const root = document.documentElement;
  let large = false;
  try {
    large = localStorage.getItem("large") === "1";
  } catch {
    // Storage can be forbidden; then the choice lasts for one page.
  }
  root.classList.toggle("large", large);

  // Server time = what the server wrote + the monotonic time since then. The browser's own clock is never read.
  let serverAtOrigin = null;
  const setServerTime = (serverMs, sentAt, receivedAt) => {
    serverAtOrigin = serverMs - (sentAt + receivedAt) / 2;
  };
  const serverNow = () => serverAtOrigin + performance.now();

  const two = (n) => String(n).padStart(2, "0");
  const beijing = (ms) => new Date(ms + 8 * 3600e3).toISOString().slice(0, 19).replace("T", " ");
  const left = (ms, dayWord) => {
    const s = Math.max(0, Math.floor(ms / 1000));
    const days = Math.floor(s / 86400);
    const clock = [Math.floor((s % 86400) / 3600), Math.floor((s % 3600) / 60), s % 60].map(two).join(":");
    return days ? `${days} ${dayWord} ${clock}` : clock;
  };
  const tick = () => {
    const now = serverNow();
    for (const el of document.querySelectorAll("[data-clock]")) el.textContent = beijing(now);
    for (const el of document.querySelectorAll("[data-until]")) {
      const rest = Number(el.dataset.until) - now;
      el.textContent = rest > 0 ? left(rest, el.dataset.dayWord) : el.dataset.over;
      el.classList.toggle("countdown-soon", rest > 0 && rest < 20 * 60e3);
    }
    setTimeout(tick, 1000 - (serverNow() % 1000));
  };
  // A sleeping computer stops the monotonic clock too, so a page that wakes asks again, and says so when nobody answers.
  const synchronise = async () => {
    const clock = document.querySelector("[data-clock]");
    if (!clock) return;
    try {
      const sent = performance.now();
      const answer = await fetch(clock.dataset.sync, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      const { now } = await answer.json();
      setServerTime(Date.parse(now), sent, performance.now());
      delete clock.dataset.stale;
    } catch {
      clock.dataset.stale = "";
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    const clock = document.querySelector("[data-now]");
    const [page] = performance.getEntriesByType("navigation");
    if (clock) {
      setServerTime(Number(clock.dataset.now), page?.requestStart ?? 0, page?.responseStart ?? 0);
      tick();
      if (page?.type === "back_forward") synchronise();
    }
    for (const button of document.querySelectorAll("[data-large-type]")) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(large));
      button.addEventListener("click", () => {
        large = root.classList.toggle("large");
        button.setAttribute("aria-pressed", String(large));
        try {
          localStorage.setItem("large", large ? "1" : "0");
        } catch {
          // As above.
        }
      });
    }
    for (const button of document.querySelectorAll("[data-print]")) {
      button.hidden = false;
      button.addEventListener("click", () => print());
    }
    document.querySelector(".error-summary")?.focus();
  });
  addEventListener("pageshow", (event) => event.persisted && synchronise());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && synchronise());
})();
