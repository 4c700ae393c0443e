// The page itself, kept by a service worker; a newer version waits until the inspector takes it.

// Whether this page opens without a network: "yes", "no" (the browser cannot: no https), or
// "coming" while it is being kept.
export let offlineReady = "no";
let waitingWorker = null;

export function newerVersion() {
  return waitingWorker !== null;
}

// Change to the newer version; what is being filled in is kept already.
export function takeNewer() {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waitingWorker.postMessage("take over");
}

// `told` is called whenever something of the above changes.
export async function startWorker(told) {
  if (!isSecureContext || !navigator.serviceWorker) return;
  offlineReady = "coming";
  try {
    const registration = await navigator.serviceWorker.register("/visit/worker.js", { scope: "/visit" });
    registration.addEventListener("updatefound", () => follow(registration, told));
    follow(registration, told);
    await navigator.serviceWorker.ready;
    offlineReady = "yes";
  } catch {
    offlineReady = navigator.serviceWorker.controller ? "yes" : "no"; // no network now, or not allowed
  }
  told();
}

function follow(registration, told) {
  const notice = () => {
    waitingWorker = navigator.serviceWorker.controller ? registration.waiting : null;
    told();
  };
  registration.installing?.addEventListener("statechange", notice);
  notice();
}
