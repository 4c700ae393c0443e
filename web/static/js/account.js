// The header's account: a link to sign in, or who one is and the way out.

import { isHinted, signOut, whoAmI } from "./api.js";
import { byId, setText } from "./dom.js";

const link = byId("account-link");
const leave = byId("sign-out");

// Show who is signed in; the page is usable meanwhile. Signing out loads it anew: nothing that only
// the account might see stays.
export function startAccount() {
  link.addEventListener("click", () => {
    if (link.pathname === "/signin") link.href = `/signin?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`;
  });
  leave.addEventListener("click", async () => {
    const elsewhere = await signOut();
    if (elsewhere) location.assign(elsewhere);
    else location.reload();
  });
  const before = isHinted();
  addEventListener("pageshow", () => {
    if (isHinted() !== before) location.reload(); // back on a page of another time
  });
  whoAmI().then(show, () => {});
}

function show({ name, title, role, must_change: must }) {
  if (!name) return;
  if (must && location.pathname !== "/account") location.assign("/account"); // nothing else is open to it yet
  link.removeAttribute("data-t");
  setText(link, title || name);
  link.href = "/account";
  leave.hidden = false;
  showWays(role);
}

// Ways to pages that some roles only may use.
export function showWays(role) {
  for (const way of document.querySelectorAll("[data-roles]")) way.hidden = !way.dataset.roles.split(" ").includes(role);
}
