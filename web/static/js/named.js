// A field that takes a station: by its id, or by its name out of a list that follows what is typed.

import { make } from "./dom.js";

const PAUSE_MS = 200; // so long after a key the server is asked
const MOST = 8;

// `find` is asked with { q, limit } for the stations to be offered; while `idle()` nothing is.
export function stationField(input, list, find, idle = () => false) {
  const ids = new Map(); // what the list says → a station's id
  const names = new Map(); // a station's id → its name
  let only = { q: "", id: "" }; // what was asked last, and the one station found
  let pause = 0;

  function know({ id, name }) {
    const said = `${name} (${id})`;
    ids.set(said, id);
    names.set(id, name);
    return said;
  }

  input.addEventListener("input", () => {
    clearTimeout(pause);
    const q = input.value.trim();
    if (!q || ids.has(q) || idle()) return;
    pause = setTimeout(async () => {
      const { stations } = await find({ q, limit: MOST }).catch(() => ({ stations: [] }));
      only = { q, id: stations.length === 1 ? stations[0].id : "" };
      list.replaceChildren(...stations.map((station) => make("option", { value: know(station) })));
    }, PAUSE_MS);
  });

  return {
    // The one chosen; else the only one that was found; else what is typed, as an id.
    id: () => {
      const typed = input.value.trim();
      return ids.get(typed) ?? ((only.q === typed && only.id) || typed);
    },
    put: (station) => {
      input.value = know(station);
    },
    names,
  };
}
