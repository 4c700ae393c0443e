// What this phone keeps, in IndexedDB: stops, forms taken along, visits, photos. Everything belongs
// to an account (`who`) and is only ever asked for by it; photos belong to their visit.

const NAME = "inspector";
const VERSION = 1;

let opened = null;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => lay(request.result);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
  });
  return opened;
}

function lay(db) {
  db.createObjectStore("stops", { keyPath: "who" });
  db.createObjectStore("forms", { keyPath: ["who", "station"] }).createIndex("owner", "who");
  db.createObjectStore("visits", { keyPath: "key" }).createIndex("owner", "who");
  db.createObjectStore("photos", { keyPath: ["visit", "sha256"] }).createIndex("owner", "visit");
}

// Run `work(objectStore)` in one transaction; resolves once it is on the disk, with what the
// request that `work` returned found.
async function within(store, mode, work) {
  const db = await database();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(store, mode, { durability: "strict" });
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error(`${store}: not kept`));
  });
}

export function read(store, key) {
  return within(store, "readonly", (objects) => objects.get(key));
}

// All records of an owner: an account, or for photos a visit.
export function readAll(store, owner) {
  return within(store, "readonly", (objects) => objects.index("owner").getAll(owner));
}

export function write(store, record) {
  return within(store, "readwrite", (objects) => void objects.put(record));
}

export function writeAll(store, records) {
  return within(store, "readwrite", (objects) => {
    for (const record of records) objects.put(record);
  });
}

export function erase(store, key) {
  return within(store, "readwrite", (objects) => void objects.delete(key));
}

// A visit goes with its photos, or only its photos go.
export async function erasePhotos(visit) {
  const kept = await readAll("photos", visit);
  for (const { sha256 } of kept) await erase("photos", [visit, sha256]);
}
