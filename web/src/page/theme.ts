// Light, dark, or as the system says.

const KEY = "melian-theme";

/** Whether the page is dark now. */
export function darkNow(): boolean {
  const chosen = document.documentElement.dataset["theme"];
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Wires the button; the choice is remembered where the browser allows it. */
export function themeButton(changed: () => void): void {
  const button = document.querySelector<HTMLButtonElement>(".theme");
  const label = (): void => {
    const dark = darkNow();
    button?.setAttribute("aria-label", dark ? "Use light colours" : "Use dark colours");
    if (button) button.title = button.getAttribute("aria-label") ?? "";
  };
  const kept = remembered();
  if (kept) document.documentElement.dataset["theme"] = kept;
  label();
  if (kept) changed();
  button?.addEventListener("click", () => {
    document.documentElement.dataset["theme"] = darkNow() ? "light" : "dark";
    remember(document.documentElement.dataset["theme"] ?? "");
    label();
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    label();
    changed();
  });
}

/** A file opened from disk may have no storage. */
function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Then the choice holds until the page is closed.
  }
}
