// Starts the service: `node dist/samples/service/main.js [PORT]`.

import { createService } from "./service.js";

const port = Number(process.argv[2] ?? 8080);
createService().listen(port, "127.0.0.1", () => console.log(`jobs to http://localhost:${port}`));
