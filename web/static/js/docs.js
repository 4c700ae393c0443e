// The API's page. Swagger UI 4 draws OpenAPI 3.1 well but refuses its number, so it is told 3.0.

const response = await fetch("/api/openapi.json");
const spec = await response.json();
window.SwaggerUIBundle({
  spec: { ...spec, openapi: "3.0.3" },
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
});
