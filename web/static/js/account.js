// The header's account: a link to sign in, or who one is and the way out.

import { isHinted, signOut, whoAmI } from "./api.js";
import { byId } from "./dom.js";

const link = byId("account-link");
const leave = byId("sign-out");

// Show who is signed in; the page is usable meanwhile. Signing out loads it anew: nothing that only
// the account might see stays.
export function startAccount() {
  link.addEventListener("click", () => {
    if (link.pathname === "/signin") link.href = `/signin?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`;
  });
  leave.addEventListener("click", async () => {
    await signOut();
    location.reload();
  });
  const before = isHinted();
  addEventListener("pageshow", () => {
    if (isHinted() !== before) location.reload(); // back on a page of another time
  });
  whoAmI().then(show, () => {});
}

function show({ name, title }) {
  if (!name) return;
  link.removeAttribute("data-t");
  link.textContent = title || name;
  link.href = "/account";
  leave.hidden = false;
}
