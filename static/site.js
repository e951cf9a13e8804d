// What a page does beyond HTML: nothing that it needs. Loaded as a file; no inline script is allowed.
"use strict";

function attend(root) {
  const summary = root.querySelector("[data-error-summary]");
  if (summary) {
    summary.focus();
  }
}

function reopen(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[aria-disabled]")) {
    button.removeAttribute("aria-disabled");
  }
}

// A second press while the first is on its way would send the form twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented) {
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-disabled", "true");
  }
  // An answer that is a download leaves the page standing.
  window.setTimeout(() => reopen(form), 5000);
});

// The browser's back button brings the page back as it was left: open it for another try.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(reopen));

document.addEventListener("DOMContentLoaded", () => attend(document));
document.addEventListener("htmx:afterSwap", (event) => attend(event.target));
