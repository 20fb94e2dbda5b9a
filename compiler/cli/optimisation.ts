// The optimisation level as its flag, -O0 to -O3, is written.

import type { OptimisationLevel } from "../codegen.js";

export const OPTIMISATION = { "0": 0, "1": 1, "2": 2, "3": 3 } as const satisfies Record<string, OptimisationLevel>;

export type OptimisationText = keyof typeof OPTIMISATION;
