"use strict";
// No inline script is allowed, so the page says in this script's own element where the document is.
SwaggerUIBundle({
  url: document.currentScript.dataset.document,
  dom_id: "#ui",
  deepLinking: true,
  // The online validator would be sent the document's address.
  validatorUrl: null,
});
