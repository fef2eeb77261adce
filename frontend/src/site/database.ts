/**
 * The browser's own database, as promises; what lies in it is never secret, or a key that no script can read out. Only a
 * value for a draw is secret for a while, until its contributor reveals it.
 */

export const SIGNING_KEYS = "signing-keys";
export const SEALED_BIDS = "sealed-bids";
export const DRAW_VALUES = "draw-values";
const STORES = [SIGNING_KEYS, SEALED_BIDS, DRAW_VALUES];
const NAME = "trading";
const VERSION = 2;

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function store<T>(name: string, mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(NAME, VERSION);
  opening.onupgradeneeded = () => {
    const { result } = opening;
    STORES.filter((one) => !result.objectStoreNames.contains(one)).forEach((one) => result.createObjectStore(one));
  };
  const database = await settled(opening);
  try {
    return await settled(act(database.transaction(name, mode).objectStore(name)));
  } finally {
    database.close();
  }
}

export const read = <T>(name: string, key: string): Promise<T | undefined> => store(name, "readonly", (one) => one.get(key));

export const all = <T>(name: string): Promise<readonly T[]> => store(name, "readonly", (one) => one.getAll());

export const write = (name: string, key: string, value: unknown): Promise<unknown> =>
  store(name, "readwrite", (one) => one.put(value, key));

export const remove = (name: string, key: string): Promise<unknown> => store(name, "readwrite", (one) => one.delete(key));
