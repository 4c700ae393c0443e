// What the register holds and the words it uses, asked once.

import { get } from "./api.js";
import { titled } from "./i18n.js";

export let register = { stations: 0, provinces: [], amenities: [], kinds: [], access: [], statuses: [], door_asks: [] };

let settle;
// Settles once the words are here: what is asked before that is shown after it.
export const registerLoaded = new Promise((resolve) => {
  settle = resolve;
});

export async function loadRegister() {
  register = await get("register");
  settle();
}

// The words, from where they were kept.
export function useRegister(known) {
  register = { ...register, ...known };
  settle();
}

// The word for a code of one vocabulary; the code itself if the catalogue does not know it.
export function term(vocabulary, code) {
  const found = register[vocabulary]?.find((each) => each.code === code);
  return found ? titled(found) : code;
}
