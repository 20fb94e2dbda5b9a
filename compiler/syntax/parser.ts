// The grammar, in chevrotain's terms: items here; their signatures, statements and expressions in the classes below it. It
// reads what `layOut` gives: balanced brackets, and newlines only where they end something. Recovery is by statement and
// item.

import type { IToken } from "#chevrotain";
import type { Diagnostic, SourceFile } from "../diagnostics/diagnostic.js";
import type * as ast from "./ast.js";
import { SELF_TYPE, SignatureParser } from "./signature-parser.js";
import { ITEMS } from "./slips.js";
import { describeMistake, reportBeforeImport, reportExpected } from "./syntax-errors.js";
import * as t from "./tokens.js";

export interface Read {
    readonly imports: readonly ast.Import[];
    readonly items: readonly ast.Item[];
    readonly problems: readonly Diagnostic[];
    /** Those of them that miss a `{`. */
    readonly braceless: ReadonlySet<Diagnostic>;
}

type Import = ast.Import & { readonly kind: "import" };

interface Head {
    readonly start: number;
    readonly doc: string;
    readonly isPublic: boolean;
    readonly attributes: readonly ast.Attribute[];
}

/** Reads many files, one after the other: building it is far dearer than a file. */
export class SomaParser extends SignatureParser {
    private docs: readonly IToken[] = [];
    private nextDoc = 0;

    constructor({ validate }: { readonly validate: boolean }) {
        super(validate);
        this.learn();
    }

    /** Reads one file's tokens. Nothing of the file is kept after this returns. */
    read(source: SourceFile, tokens: readonly IToken[], docs: readonly IToken[]): Read {
        this.source = source;
        this.docs = docs;
        this.nextDoc = 0;
        this.problems = [];
        const { imports, items } = this.readAll(this.module, tokens);
        const mistakes = this.mistakes.map((mistake) => describeMistake(source, mistake));
        const problems = [...this.problems, ...mistakes];
        const braceless = new Set(mistakes.filter((_, at) => this.mistakes[at]?.wanted === t.LeftBrace.LABEL));
        this.docs = [];
        return { imports, items, problems, braceless };
    }

    private readonly module = this.RULE("module", () => {
        const imports: ast.Import[] = [];
        const items: ast.Item[] = [];
        this.MANY(() =>
            this.OR([
                { ALT: () => this.CONSUME(t.Separator), IGNORE_AMBIGUITIES: true },
                {
                    ALT: () => {
                        const item = this.SUBRULE(this.recoveringItem);
                        this.ACTION(() => {
                            if (item?.kind === "import") imports.push(item);
                            else if (item !== null) items.push(item);
                        });
                    },
                },
            ]),
        );
        return { imports, items };
    });

    private readonly recoveringItem = this.RULE("recoveringItem", (): ast.Item | Import | null =>
        this.recover(this.readItem),
    );

    private readonly readItem = (): ast.Item | Import | null => {
        this.tooHigh = false;
        return this.SUBRULE(this.item);
    };

    private readonly item = this.RULE("item", (): ast.Item | Import | null => {
        const start = this.here();
        const doc = this.ACTION(() => this.docAbove(start));
        const attributes: ast.Attribute[] = [];
        this.MANY(() => attributes.push(this.SUBRULE(this.attribute)));
        const pub = this.OPTION(() => this.CONSUME(t.Pub));
        const head: Head = { start, doc, isPublic: pub !== undefined, attributes };
        if (!this.RECORDING_PHASE && this.mayCome(t.Import)) {
            this.problems.push(...reportBeforeImport(this.source, pub, attributes));
        }
        return this.OR<ast.Item | Import | null>({
            DEF: [
                { ALT: () => this.SUBRULE(this.import), IGNORE_AMBIGUITIES: true },
                { ALT: () => this.SUBRULE(this.constant, { ARGS: [head] }), IGNORE_AMBIGUITIES: true },
                { ALT: () => this.SUBRULE(this.function, { ARGS: [head] }), IGNORE_AMBIGUITIES: true },
                { ALT: () => this.SUBRULE(this.kernel, { ARGS: [head] }), IGNORE_AMBIGUITIES: true },
                { ALT: () => this.SUBRULE(this.instance, { ARGS: [head] }), IGNORE_AMBIGUITIES: true },
                { ALT: () => this.SUBRULE(this.alias, { ARGS: [head] }), IGNORE_AMBIGUITIES: true },
                { ALT: () => this.SUBRULE(this.struct, { ARGS: [head] }), IGNORE_AMBIGUITIES: true },
                { ALT: () => this.SUBRULE(this.enum, { ARGS: [head] }), IGNORE_AMBIGUITIES: true },
                { ALT: () => this.SUBRULE(this.model, { ARGS: [head] }), IGNORE_AMBIGUITIES: true },
                { ALT: () => this.SUBRULE(this.network, { ARGS: [head] }), IGNORE_AMBIGUITIES: true },
                { ALT: () => this.strayItem(this.CONSUME(t.Anything)) },
            ],
            ERR_MSG: ITEMS,
        });
    });

    private readonly import = this.RULE("import", (): Import => {
        const start = this.here();
        this.CONSUME(t.Import);
        const module = this.OR<ast.Name>({
            DEF: [{ ALT: () => this.SUBRULE(this.moduleName) }, { ALT: () => this.SUBRULE(this.modulePath) }],
            ERR_MSG: "a module's name",
        });
        const names: ast.Name[] = [];
        this.CONSUME(t.LeftBrace);
        this.AT_LEAST_ONE_SEP({
            SEP: t.Comma,
            DEF: () => {
                const name = this.CONSUME(t.Identifier);
                this.ACTION(() => names.push(this.nameOf(name)));
            },
            ERR_MSG: "a name",
        });
        this.CONSUME(t.RightBrace);
        return this.ACTION(() => ({ kind: "import", span: this.spanFrom(start), module, names }));
    });

    private readonly moduleName = this.RULE("moduleName", (): ast.Name => {
        const start = this.here();
        const words: string[] = [];
        this.AT_LEAST_ONE_SEP({
            SEP: t.Dot,
            DEF: () => words.push(this.CONSUME(t.Identifier).image),
            ERR_MSG: "a module's name",
        });
        return this.ACTION(() => ({ text: words.join("."), span: this.spanFrom(start) }));
    });

    private readonly modulePath = this.RULE("modulePath", (): ast.Name => {
        const path = this.CONSUME(t.ModulePath);
        return { text: path.image.slice(1, -1), span: this.spanOfToken(path) };
    });

    private readonly constant = this.RULE("constant", (head: Head): ast.Item => {
        this.CONSUME(t.Const);
        const name = this.CONSUME(t.Identifier);
        const type = this.OPTION(() => {
            this.CONSUME(t.Colon);
            return this.SUBRULE(this.type);
        });
        this.CONSUME(t.Assign);
        const value = this.SUBRULE(this.expression);
        return this.ACTION(() => ({ kind: "constant", ...this.finish(head, name), type: type ?? null, value }));
    });

    private readonly function = this.RULE("function", (head: Head): ast.FunctionItem => {
        this.CONSUME(t.Fn);
        const name = this.CONSUME(t.Identifier);
        const generics = this.SUBRULE(this.generics);
        const params = this.SUBRULE(this.params);
        const result = this.OPTION(() => {
            this.CONSUME(t.Arrow);
            return this.SUBRULE(this.type);
        });
        const body = this.SUBRULE(this.block);
        return this.ACTION(() => ({
            kind: "function",
            ...this.finish(head, name),
            generics,
            params,
            result: result ?? null,
            body,
        }));
    });

    private readonly kernel = this.RULE("kernel", (head: Head): ast.Item => {
        const isMatrix = this.OPTION(() => this.CONSUME(t.Matrix)) !== undefined;
        this.CONSUME(t.Kernel);
        const name = this.CONSUME(t.Identifier);
        const generics = this.SUBRULE(this.generics);
        const params = this.SUBRULE(this.params);
        const launch = this.OR<ast.LaunchClause>({
            DEF: [{ ALT: () => this.SUBRULE(this.overClause) }, { ALT: () => this.SUBRULE(this.groupsClause) }],
            ERR_MSG: "`over` or `groups`",
        });
        const body = this.SUBRULE(this.block);
        return this.ACTION(() => ({
            kind: "kernel",
            ...this.finish(head, name),
            isMatrix,
            generics,
            params,
            launch,
            body,
        }));
    });

    private readonly instance = this.RULE("instance", (head: Head): ast.Item => {
        this.CONSUME(t.Instance);
        const name = this.CONSUME1(t.Identifier);
        this.CONSUME(t.Assign);
        const kernel = this.CONSUME2(t.Identifier);
        const args = this.SUBRULE(this.genericArgs);
        return this.ACTION(() => ({
            kind: "instance",
            ...this.finish(head, name),
            kernel: this.nameOf(kernel),
            args,
        }));
    });

    private readonly alias = this.RULE("alias", (head: Head): ast.Item => {
        this.CONSUME(t.Type);
        const name = this.CONSUME(t.Identifier);
        this.CONSUME(t.Assign);
        const type = this.SUBRULE(this.type);
        return this.ACTION(() => ({ kind: "alias", ...this.finish(head, name), type }));
    });

    private readonly struct = this.RULE("struct", (head: Head): ast.Item => {
        const fields: ast.Param[] = [];
        const methods: ast.FunctionItem[] = [];
        this.CONSUME(t.Struct);
        const name = this.CONSUME(t.Identifier);
        const generics = this.SUBRULE(this.generics);
        this.CONSUME(t.LeftBrace);
        this.MANY(() =>
            this.OR([
                { ALT: () => this.CONSUME(t.Separator), IGNORE_AMBIGUITIES: true },
                {
                    ALT: () => {
                        const member = this.SUBRULE(this.recoveringStructMember);
                        this.ACTION(() => {
                            if (Array.isArray(member)) fields.push(...member);
                            else if (member !== null) methods.push(member as ast.FunctionItem);
                        });
                    },
                },
            ]),
        );
        this.CONSUME(t.RightBrace);
        return this.ACTION(() => ({
            kind: "struct",
            ...this.finish(head, name),
            generics,
            fields,
            methods: methods.map((method) => methodOf(method, name.image, generics)),
        }));
    });

    private readonly recoveringStructMember = this.RULE(
        "recoveringStructMember",
        (): ast.Param[] | ast.FunctionItem | null => this.recover(() => this.SUBRULE(this.structMember)),
    );

    private readonly structMember = this.RULE("structMember", (): ast.Param[] | ast.FunctionItem | null => {
        const start = this.here();
        const doc = this.ACTION(() => this.docAbove(start));
        return this.OR<ast.Param[] | ast.FunctionItem | null>({
            DEF: [
                { ALT: () => this.SUBRULE(this.function, { ARGS: [{ start, doc, isPublic: true, attributes: [] }] }) },
                { ALT: () => this.SUBRULE(this.structFields) },
            ],
            ERR_MSG: "a field or `fn`",
        });
    });

    private readonly structFields = this.RULE("structFields", (): ast.Param[] => {
        const list: ast.Param[] = [];
        this.AT_LEAST_ONE_SEP({
            SEP: t.Comma,
            DEF: () => {
                const start = this.here();
                const name = this.CONSUME(t.Identifier);
                this.CONSUME(t.Colon);
                const type = this.SUBRULE(this.type);
                this.ACTION(() =>
                    list.push({ span: this.spanFrom(start), isShared: false, name: this.nameOf(name), type }),
                );
            },
            ERR_MSG: "a field",
        });
        return list;
    });

    private readonly enum = this.RULE("enum", (head: Head): ast.Item => {
        const members: ast.EnumItem["members"][number][] = [];
        this.CONSUME(t.Enum);
        const name = this.CONSUME(t.Identifier);
        const base = this.OPTION(() => {
            this.CONSUME(t.Colon);
            return this.SUBRULE(this.type);
        });
        this.CONSUME(t.LeftBrace);
        this.MANY(() =>
            this.OR([
                { ALT: () => this.CONSUME(t.Separator), IGNORE_AMBIGUITIES: true },
                {
                    ALT: () => {
                        const list = this.SUBRULE(this.recoveringEnumerators);
                        this.ACTION(() => members.push(...(list ?? [])));
                    },
                },
            ]),
        );
        this.CONSUME(t.RightBrace);
        return this.ACTION(() => ({ kind: "enum", ...this.finish(head, name), base: base ?? null, members }));
    });

    private readonly recoveringEnumerators = this.RULE(
        "recoveringEnumerators",
        (): ast.EnumItem["members"][number][] | null => this.recover(() => this.SUBRULE(this.enumerators)),
    );

    private readonly enumerators = this.RULE("enumerators", (): ast.EnumItem["members"][number][] => {
        const list: ast.EnumItem["members"][number][] = [];
        this.AT_LEAST_ONE_SEP({
            SEP: t.Comma,
            DEF: () => {
                const name = this.CONSUME(t.Identifier);
                const value = this.OPTION(() => {
                    this.CONSUME(t.Assign);
                    return this.SUBRULE(this.expression);
                });
                this.ACTION(() => list.push({ name: this.nameOf(name), value: value ?? null }));
            },
            ERR_MSG: "a name",
        });
        return list;
    });

    private readonly model = this.RULE("model", (head: Head): ast.Item => {
        const word = this.OR([
            { ALT: () => this.CONSUME(t.Neuron) },
            { ALT: () => this.CONSUME(t.Synapse) },
            { ALT: () => this.CONSUME(t.Plasticity) },
        ]);
        const name = this.CONSUME(t.Identifier);
        const params = this.SUBRULE(this.fields);
        const members = this.SUBRULE(this.modelMembers);
        return this.ACTION(() => ({
            kind: word.image as "neuron" | "synapse" | "plasticity",
            ...this.finish(head, name),
            params,
            members,
        }));
    });

    private readonly network = this.RULE("network", (head: Head): ast.Item => {
        this.CONSUME(t.Network);
        const name = this.CONSUME(t.Identifier);
        const params = this.SUBRULE(this.fields);
        const members = this.SUBRULE(this.networkMembers);
        return this.ACTION(() => ({ kind: "network", ...this.finish(head, name), params, members }));
    });

    private finish({ start, doc, isPublic, attributes }: Head, name: IToken) {
        return { span: this.spanFrom(start), name: this.nameOf(name), doc, isPublic, attributes, broken: false };
    }

    /** The `///` lines between the item before and this offset. */
    private docAbove(start: number): string {
        const lines: string[] = [];
        const from = this.LA(0).startOffset;
        for (; this.nextDoc < this.docs.length; this.nextDoc++) {
            const doc = this.docs[this.nextDoc] as IToken;
            if (doc.startOffset > start) break;
            if (!(doc.startOffset < from)) lines.push(doc.image.slice(3).replace(/^ /, "").trimEnd());
        }
        return lines.join("\n");
    }

    /** What begins no item. */
    private strayItem(token: IToken): null {
        this.ACTION(() => {
            this.problems.push(reportExpected(this.source, ITEMS, token, undefined));
        });
        return null;
    }
}

/** A method, of which `self` has the structure's type: `Pair<T>` in a `struct Pair<T>`. */
function methodOf(method: ast.FunctionItem, struct: string, generics: readonly ast.GenericParam[]): ast.FunctionItem {
    const [self, ...rest] = method.params;
    if (self === undefined || self.type.name.text !== SELF_TYPE) return method;
    const name = { ...self.type.name, text: struct };
    const args = generics.map(({ name: { text } }): ast.Argument => {
        return { label: null, value: { kind: "name", span: name.span, height: 1, text } };
    });
    const type = { ...self.type, name, args: args.length === 0 ? null : args };
    return { ...method, params: [{ ...self, type }, ...rest] };
}
