// Questions that take long: begun as a job, looked after until it ends, given up if nobody waits.

import { follow, get, Problem, remove, send } from "./api.js";

const FIRST_MS = 150;
const THEN_MS = 700;

// Settles with the answer; `tell` is called with the job whenever it is looked at. An abort of
// `signal` ends the work on the server too.
export async function askLong(path, parameters, signal, tell) {
  return lookAfter(await send(path, parameters, signal), signal, tell);
}

// The same for a job that has been begun.
export async function lookAfter(begun, signal, tell) {
  const self = addressOf(begun, "self");
  try {
    for (let job = begun, wait = FIRST_MS; ; wait = Math.min(wait * 1.5, THEN_MS)) {
      if (job.state === "done") return await follow(addressOf(job, "result"), signal);
      if (job.state === "failed") throw new Problem(job.status, job.detail);
      if (job.state === "cancelled") throw new DOMException("", "AbortError");
      tell(job);
      await pause(wait, signal);
      job = await get(self.replace(/^\/api\/v1\//, ""), {}, signal);
    }
  } catch (error) {
    if (error.name === "AbortError") remove(self);
    throw error;
  }
}

function addressOf(job, rel) {
  return job.links.find((link) => link.rel === rel).href;
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
