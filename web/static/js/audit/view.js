// What the address of the desk holds, and what stands for a finding in it.

export const FILTERS = ["state", "severity", "rule", "area", "assignee", "text", "standard", "overdue"];
export const DEFAULTS = { tab: "findings", finding: "", ...Object.fromEntries(FILTERS.map((name) => [name, ""])), standard: "national" };

// A finding's number, or what it is about.
export function keyOf({ finding, rule, station, fact }) {
  return finding == null ? `${rule}~${fact}~${station}` : String(finding);
}
