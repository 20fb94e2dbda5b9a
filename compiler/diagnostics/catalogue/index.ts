// The whole catalogue by code, for documentation and tests. Whoever reports a diagnostic imports its entry directly.

import type { AnyEntry } from "../entry.js";
import * as attributes from "./attributes.js";
import * as codegen from "./codegen.js";
import * as constants from "./constants.js";
import * as functions from "./functions.js";
import * as generics from "./generics.js";
import * as kernels from "./kernels.js";
import * as names from "./names.js";
import * as networks from "./networks.js";
import * as pipelines from "./pipelines.js";
import * as structures from "./structures.js";
import * as syntax from "./syntax.js";
import * as tiles from "./tiles.js";
import * as types from "./types.js";

const GROUPS = [
    syntax,
    names,
    types,
    structures,
    constants,
    kernels,
    functions,
    generics,
    attributes,
    tiles,
    pipelines,
    codegen,
    networks,
];

export const ENTRIES: readonly AnyEntry[] = GROUPS.flatMap((group) => Object.values(group) as AnyEntry[]);

export const CATALOGUE: ReadonlyMap<string, AnyEntry> = new Map(ENTRIES.map((entry) => [entry.code, entry]));
