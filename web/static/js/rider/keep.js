// What this phone keeps, in IndexedDB: areas' stations, reports. Never a position.

const NAME = "rider";
const VERSION = 1;

let opened = null;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("areas", { keyPath: "area" });
      request.result.createObjectStore("reports", { keyPath: "key" });
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
  });
  return opened;
}

// Resolves once it is on the disk, with what the request that `work` returned found.
async function within(store, mode, work) {
  const db = await database();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(store, mode, { durability: "strict" });
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error(`${store}: not kept`));
  });
}

export function all(store) {
  return within(store, "readonly", (objects) => objects.getAll());
}

export function put(store, record) {
  return within(store, "readwrite", (objects) => void objects.put(record));
}

export function drop(store, key) {
  return within(store, "readwrite", (objects) => void objects.delete(key));
}
