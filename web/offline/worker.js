// Keeps one version of a page for when there is no network. A newer version waits until the page
// asks for it: a page under way never gets scripts of two versions.

self.addEventListener("install", (event) => {
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(takeOver());
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  const isPage = event.request.mode === "navigate" && pathname === SHELL.page;
  if (isPage || SHELL.files.includes(pathname)) event.respondWith(kept(isPage ? SHELL.page : pathname, event));
});

async function keep() {
  const cache = await caches.open(SHELL.cache);
  await cache.addAll([SHELL.page, ...SHELL.files].map((url) => new Request(url, { cache: "no-cache" })));
}

// Only this page's older versions go; other pages may keep theirs.
async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(SHELL.family) && name !== SHELL.cache).map((name) => caches.delete(name)));
  await self.clients.claim();
}

// What is kept is of one version, and this page's: another page under our scope gets its own files.
async function kept(url, { request, clientId }) {
  const client = url === SHELL.page ? null : await self.clients.get(clientId);
  if (client && new URL(client.url).pathname !== SHELL.page) return fetch(request);
  const cache = await caches.open(SHELL.cache);
  return (await cache.match(url)) ?? fetch(request);
}
