// The back ends of LLVM that targets name.

import type { BackendName } from "../targets/targets.js";
import { AMDGPU } from "./amdgpu/backend.js";
import type { Backend } from "./backend.js";
import { NVPTX } from "./nvptx/backend.js";

export const BACKENDS: Readonly<Record<BackendName, Backend>> = { amdgpu: AMDGPU, nvptx: NVPTX };
