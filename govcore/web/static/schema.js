// Starts the API browser on /schema with the address the page carries; nothing is fetched from elsewhere.
"use strict";
window.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("swagger");
  window.SwaggerUIBundle({ url: place.dataset.openapi, domNode: place, validatorUrl: null, deepLinking: true });
});
