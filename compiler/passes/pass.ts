// A pass changes functions in place. It may replace operations and unlink them from regions; ids stay what they are.

import type { IrFunction } from "../ir/module.js";

export interface Pass {
    readonly name: string;
    readonly run: (fn: IrFunction) => void;
}
