"use strict";
// No inline script is allowed, so the page says in this script's own element where the document is.
Scalar.createApiReference("#ui", {
  url: document.currentScript.dataset.document,
  // Nothing is loaded from or sent to anywhere else.
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: "never",
  // It would open the maker's own site, with the document's address.
  hideClientButton: true,
});
