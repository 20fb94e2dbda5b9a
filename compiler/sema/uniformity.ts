// Which barriers all work-items of a workgroup reach together. A value is uniform if it is the same for the whole
// workgroup; control is, if it depends on uniform values only. The analysis repeats until nothing changes: levels only
// rise, so it ends.

import { divergentBarrier, doubtfulBarrier } from "../diagnostics/catalogue/kernels.js";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { BUILTINS } from "./builtins.js";
import { rootOf } from "./places.js";
import type { Block, Expr, Fn, Local, Statement } from "./program.js";

/** Doubtful: depends on memory that work-items write. Divergent: depends on who the work-item is. */
enum Level {
    Uniform,
    Doubtful,
    Divergent,
}

/** What control depends on, and where that is decided. */
interface Control {
    readonly level: Level;
    readonly why: string;
    readonly span: Span | null;
}

const UNIFORM: Control = { level: Level.Uniform, why: "", span: null };

type Loop = Extract<Statement, { kind: "for" | "while" }>;

/** The diagnostics of a kernel's barriers. */
export function checkBarriers(body: Block): readonly Diagnostic[] {
    const analysis = new Uniformity();
    do {
        analysis.start();
        analysis.block(body, UNIFORM);
    } while (analysis.changed);
    return analysis.diagnostics;
}

/** What a call of a function with barriers gives, and what is wrong with them, for arguments of these levels. */
function enter(fn: Fn, args: readonly Level[]): { readonly level: Level; readonly diagnostics: readonly Diagnostic[] } {
    const analysis = new Uniformity(new Map(fn.params.map((param, i) => [param, args[i] ?? Level.Uniform])));
    let level = Level.Uniform;
    do {
        analysis.start();
        level = Math.max(level, analysis.block(fn.body, UNIFORM), analysis.results);
    } while (analysis.changed);
    return { level, diagnostics: analysis.diagnostics };
}

class Uniformity {
    changed = false;
    /** Of what `return` gives. */
    results = Level.Uniform;
    diagnostics: Diagnostic[] = [];
    /** Of views that are slices: what they are a part of. */
    private readonly roots = new Map<Local, Local>();
    /** Why some work-items may have left a loop before the others. */
    private readonly exits = new Map<Loop, Control>();
    private loops: Loop[] = [];
    /** Behind a divergent `return`: to the end of the kernel. */
    private returned = UNIFORM;
    /** Behind a divergent `break` or `continue`: to the end of the loop's body. */
    private jumped = UNIFORM;

    constructor(private readonly locals = new Map<Local, Level>()) {}

    start(): void {
        this.changed = false;
        this.diagnostics = [];
        this.returned = UNIFORM;
        this.jumped = UNIFORM;
    }

    block(block: Block, control: Control): Level {
        for (const statement of block.statements) this.statement(statement, control);
        return block.value === null ? Level.Uniform : this.value(block.value, control);
    }

    private statement(statement: Statement, control: Control): void {
        switch (statement.kind) {
            case "declare":
                if (statement.value?.kind === "slice") this.roots.set(statement.local, this.root(statement.value.base));
                if (statement.value !== null) this.raise(statement.local, this.value(statement.value, control));
                break;
            case "assign": {
                const { place } = statement;
                const level = Math.max(this.value(statement.value, control), control.level, this.jumped.level);
                this.raise(this.root(rootOf(place)), Math.max(level, this.placed(place, control)));
                break;
            }
            case "expr":
                this.value(statement.expr, control);
                break;
            case "if": {
                const inner = this.deciding(statement.condition, control, "the `if` around it");
                this.block(statement.then, inner);
                if (statement.otherwise !== null) this.block(statement.otherwise, inner);
                break;
            }
            case "for":
                this.loop(statement, this.forControl(statement, control));
                break;
            case "while":
                this.whileLoop(statement, control);
                break;
            case "break":
                this.leave(statement.span, control, "break");
                this.jumped = this.left(this.jumped, statement.span, control, "break");
                break;
            case "continue":
                this.jumped = this.left(this.jumped, statement.span, control, "continue");
                break;
            case "return":
                this.leave(statement.span, control, "return");
                this.returned = this.left(this.returned, statement.span, control, "return");
                if (statement.value !== null) {
                    this.results = Math.max(this.results, control.level, this.value(statement.value, control));
                }
                break;
            case "block":
                this.block(statement.block, control);
                break;
        }
    }

    private forControl(loop: Extract<Statement, { kind: "for" }>, control: Control): Control {
        const level = Math.max(...[loop.start, loop.end, loop.step].map((bound) => this.value(bound, control)));
        this.raise(loop.variable, level);
        const why = `the \`for\` around it ${reason(level)}`;
        return strongest(control, { level, why, span: loop.end.span });
    }

    private whileLoop(loop: Extract<Statement, { kind: "while" }>, control: Control): void {
        const inner = this.deciding(loop.condition, control, "the `while` around it");
        // After the first round, the condition is computed only by those that are still in the loop.
        if (inner.level > control.level) this.value(loop.condition, inner);
        this.loop(loop, inner);
    }

    private loop(loop: Loop, control: Control): void {
        const outer = this.jumped;
        this.jumped = UNIFORM;
        this.loops.push(loop);
        this.block(loop.body, strongest(control, this.exits.get(loop) ?? UNIFORM));
        this.loops.pop();
        this.jumped = outer;
    }

    /** Some may leave the loop here: the others' next passes go without them. */
    private leave(span: Span, control: Control, word: string): void {
        const left = this.left(UNIFORM, span, control, word);
        const loops = word === "return" ? this.loops : this.loops.slice(-1);
        for (const loop of loops) {
            const before = this.exits.get(loop) ?? UNIFORM;
            if (left.level <= before.level) continue;
            this.exits.set(loop, left);
            this.changed = true;
        }
    }

    private left(before: Control, span: Span, control: Control, word: string): Control {
        const { level } = strongest(control, this.jumped);
        const why = `a \`${word}\` before it is not taken by all`;
        return strongest(before, level === Level.Uniform ? UNIFORM : { level, why, span });
    }

    private deciding(condition: Expr, control: Control, what: string): Control {
        const level = this.value(condition, control);
        return strongest(control, { level, why: `${what} ${reason(level)}`, span: condition.span });
    }

    private raise(local: Local, level: Level): void {
        if (level <= (this.locals.get(local) ?? Level.Uniform)) return;
        this.locals.set(local, level);
        this.changed = true;
    }

    private indices(indices: readonly Expr[], control: Control): Level {
        return Math.max(Level.Uniform, ...indices.map((index) => this.value(index, control)));
    }

    /** Of the indices that say which part of a variable or memory a place is. */
    private placed(place: Expr, control: Control): Level {
        switch (place.kind) {
            case "element":
                return this.indices(place.indices, control);
            case "field":
            case "swizzle":
                return this.placed(place.base, control);
            case "item":
                return Math.max(this.placed(place.base, control), this.indices(place.indices, control));
            default:
                return Level.Uniform;
        }
    }

    /** How different a view's place and size can be: of a slice, as its bounds are. */
    private extentOf(view: Local): Level {
        return this.roots.has(view) ? (this.locals.get(view) ?? Level.Uniform) : Level.Uniform;
    }

    private root(local: Local): Local {
        return this.roots.get(local) ?? local;
    }

    private value(expr: Expr, control: Control): Level {
        switch (expr.kind) {
            case "literal":
            case "dim":
                return Level.Uniform;
            // Of a slice, which depends on what its bounds do.
            case "extent":
                return Level.Divergent;
            case "slice":
                return this.indices(
                    expr.parts
                        .flatMap((part) => (part.kind === "point" ? [part.index] : [part.start, part.end]))
                        .filter((bound) => bound !== null),
                    control,
                );
            case "local":
                return this.locals.get(expr.local) ?? Level.Uniform;
            case "unary":
            case "convert":
            case "splat":
                return this.value(expr.operand, control);
            case "construct":
                return this.indices(expr.parts, control);
            case "field":
            case "swizzle":
                return this.value(expr.base, control);
            case "item":
                return Math.max(this.value(expr.base, control), this.indices(expr.indices, control));
            case "binary":
            case "compare":
                return Math.max(this.value(expr.left, control), this.value(expr.right, control));
            case "logical": {
                const inner = this.deciding(expr.left, control, `the \`${expr.op}\` before it`);
                return Math.max(inner.level, this.value(expr.right, inner));
            }
            case "element": {
                const root = this.root(expr.base);
                const own = Math.max(this.indices(expr.indices, control), this.extentOf(expr.base));
                if (root.space === "private" && root.type.kind === "array") {
                    return Math.max(own, this.locals.get(root) ?? Level.Uniform);
                }
                const written = expr.baseType.kind === "array" || expr.baseType.mutable;
                return Math.max(own, written ? Level.Doubtful : Level.Uniform);
            }
            case "call": {
                const args = expr.args.map((arg) => {
                    const isView = arg.kind === "local" && arg.type.kind === "view";
                    if (arg.type.kind === "array") return Level.Doubtful;
                    const own = isView ? this.extentOf(arg.local) : this.value(arg, control);
                    return arg.type.kind === "view" && arg.type.mutable ? Math.max(own, Level.Doubtful) : own;
                });
                let level = Math.max(Level.Uniform, ...args);
                if (expr.callee.meets) {
                    this.barrier(expr.span, control);
                    const inside = enter(expr.callee, args);
                    const labels = [{ span: expr.span, message: "called here" }];
                    this.diagnostics.push(
                        ...inside.diagnostics.map((d) => ({ ...d, labels: [...d.labels, ...labels] })),
                    );
                    level = inside.level;
                }
                // What it is given to write into can become as different as its arguments are.
                for (const arg of expr.args) {
                    if (arg.type.kind !== "view" || !arg.type.mutable) continue;
                    const base = arg.kind === "slice" ? arg.base : arg.kind === "local" ? arg.local : null;
                    if (base === null) continue;
                    const written = Math.max(level, ...args, control.level, this.jumped.level);
                    this.raise(this.root(base), written);
                }
                return level;
            }
            case "builtin":
                return this.builtin(expr, control);
            case "report":
                if (expr.condition !== null) this.value(expr.condition, control);
                this.indices(expr.args, control);
                return Level.Uniform;
            case "if": {
                const inner = this.deciding(expr.condition, control, "the `if` around it");
                const own = Math.max(this.block(expr.then, inner), this.block(expr.otherwise, inner));
                return Math.max(own, this.value(expr.condition, control));
            }
            case "block":
                return this.block(expr.block, control);
            // Of matrix kernels, in which nothing is written for one work-item.
            case "tile-load":
            case "map":
            case "product":
            case "reduce":
            case "scan":
            case "reshape":
            case "transpose":
            case "part":
            case "layout":
            case "indices":
                return Level.Uniform;
        }
    }

    private builtin(expr: Extract<Expr, { kind: "builtin" }>, control: Control): Level {
        const args = this.indices(expr.args, control);
        if (expr.name === "barrier") {
            this.barrier(expr.span, control);
            return Level.Uniform;
        }
        const kind = BUILTINS.get(expr.name)?.kind;
        // A wave is a part of the workgroup only, so what its lanes agree on differs from wave to wave.
        const byWave = kind === "wave" || (kind === "lanes" && expr.name !== "wave_size");
        const byItem = expr.name === "local_id" || expr.name === "global_id" || kind === "atomic";
        return byItem || byWave ? Level.Divergent : args;
    }

    private barrier(span: Span, control: Control): void {
        const { level, why, span: cause } = [this.returned, this.jumped].reduce(strongest, control);
        if (level === Level.Uniform) return;
        const labels = cause === null ? [] : [{ span: cause, message: "decided here" }];
        const entry = level === Level.Divergent ? divergentBarrier : doubtfulBarrier;
        this.diagnostics.push(diagnose(entry, span, { why }, { labels }));
    }
}

function reason(level: Level): string {
    return level === Level.Divergent ? "depends on the work-item's id" : "depends on memory that work-items write";
}

function strongest(a: Control, b: Control): Control {
    return b.level > a.level ? b : a;
}
