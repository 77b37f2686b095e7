// What is live is drawn anew every few seconds, by the page's own address and nothing else.
const EVERY_MS = 5000;
const live = document.querySelector("[data-live]");

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { credentials: "same-origin" });
  if (answer.redirected || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = fresh.querySelector("[data-live]");
  if (part) live.replaceChildren(...part.childNodes);
}

if (live) setInterval(() => refresh().catch(() => {}), EVERY_MS);
