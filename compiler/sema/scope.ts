// The names inside one kernel or function: blocks within blocks. Inner names hide outer ones.

import type { Span } from "../diagnostics/diagnostic.js";
import type { Constant } from "./constants.js";
import type { Local } from "./program.js";

export type BodySymbol =
    | { readonly kind: "local"; readonly local: Local; readonly what: LocalRole; read: boolean }
    | { readonly kind: "constant"; readonly constant: Constant; readonly span: Span; read: boolean }
    | { readonly kind: "dim"; readonly name: string }
    /** Declared, but with a mistake: whatever is done with it agrees. */
    | { readonly kind: "broken" };

/** How a local was declared, as its users call it. */
export type LocalRole = "parameter" | "domain variable" | "loop variable" | "let" | "var" | "shared";

export class Scope {
    /** Null for one in which nothing is declared so far: most have nothing. */
    private readonly blocks: (Map<string, BodySymbol> | null)[] = [null];
    /** Every variable and constant declared in the body so far, for the report of unused ones. */
    readonly declared: { readonly name: string; readonly span: Span; readonly symbol: { readonly read: boolean } }[] =
        [];

    /** Nesting depth: 0 for parameters, 1 for the body. */
    get depth(): number {
        return this.blocks.length - 1;
    }

    enter(): void {
        this.blocks.push(null);
    }

    leave(): void {
        this.blocks.pop();
    }

    declare(name: string, symbol: BodySymbol): void {
        const innermost = this.blocks.length - 1;
        const block = this.blocks[innermost] ?? new Map<string, BodySymbol>();
        block.set(name, symbol);
        this.blocks[innermost] = block;
    }

    /** Declares a name whose being read is watched. */
    declareWatched(name: string, span: Span, symbol: Extract<BodySymbol, { kind: "local" | "constant" }>): void {
        this.declare(name, symbol);
        this.declared.push({ name, span, symbol });
    }

    find(name: string): BodySymbol | undefined {
        for (let i = this.blocks.length - 1; i >= 0; i--) {
            const symbol = this.blocks[i]?.get(name);
            if (symbol !== undefined) return symbol;
        }
        return undefined;
    }

    *names(): Iterable<string> {
        for (const block of this.blocks) if (block !== null) yield* block.keys();
    }
}
