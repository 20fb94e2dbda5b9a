// Signatures of items: generic parameters, parameters and launch clauses.

import type { IToken } from "#chevrotain";
import type * as ast from "./ast.js";
import { NetworkParser } from "./network-parser.js";
import * as t from "./tokens.js";

/** The type of `self`, until the structure around the method is known. */
export const SELF_TYPE = "Self";

export abstract class SignatureParser extends NetworkParser {
    protected readonly generics = this.RULE("generics", (): ast.GenericParam[] => {
        const list: ast.GenericParam[] = [];
        this.OPTION(() => {
            this.CONSUME(t.Less);
            this.AT_LEAST_ONE_SEP({
                SEP: t.Comma,
                DEF: () => list.push(this.SUBRULE(this.genericParam)),
                ERR_MSG: "a type parameter or `const`",
            });
            this.CONSUME(t.Greater);
        });
        return list;
    });

    private readonly genericParam = this.RULE("genericParam", (): ast.GenericParam => {
        const start = this.here();
        const isConst = this.OPTION1(() => this.CONSUME(t.Const)) !== undefined;
        const name = this.CONSUME1(t.Identifier);
        const type = this.OPTION2(() => {
            this.CONSUME(t.Colon);
            return this.SUBRULE(this.plainType);
        });
        const fallback =
            this.OPTION3(() => {
                this.CONSUME(t.Assign);
                return this.SUBRULE(this.genericArg);
            }) ?? null;
        const choices = this.OPTION4(() => {
            this.CONSUME(t.In);
            return this.SUBRULE(this.list);
        });
        return this.ACTION(() => {
            const values = choices?.kind === "list" ? choices.elements : [];
            const head = { span: this.spanFrom(start), name: this.nameOf(name), fallback, choices: values };
            if (isConst) return { ...head, kind: "const", type: type ?? null };
            return { ...head, kind: "type", bound: type ?? null };
        });
    });

    protected readonly params = this.RULE("params", (): ast.Param[] => {
        const list: ast.Param[] = [];
        this.CONSUME(t.LeftParen);
        this.MANY_SEP({ SEP: t.Comma, DEF: () => list.push(this.SUBRULE(this.param)) });
        this.CONSUME(t.RightParen);
        return list;
    });

    private readonly param = this.RULE("param", (): ast.Param => {
        const start = this.here();
        const isShared = this.OPTION1(() => this.CONSUME(t.Shared)) !== undefined;
        const { name, type } = this.OR<{ name: IToken; type: ast.TypeExpr | undefined }>({
            DEF: [
                {
                    ALT: () => {
                        const name = this.CONSUME(t.Self);
                        const type = this.OPTION2(() => {
                            this.CONSUME1(t.Colon);
                            return this.SUBRULE1(this.type);
                        });
                        return { name, type };
                    },
                    IGNORE_AMBIGUITIES: true,
                },
                {
                    ALT: () => {
                        const name = this.CONSUME(t.Identifier);
                        this.CONSUME2(t.Colon);
                        return { name, type: this.SUBRULE2(this.type) };
                    },
                },
            ],
            ERR_MSG: "a name",
        });
        return this.ACTION(() => ({
            span: this.spanFrom(start),
            isShared,
            name: this.nameOf(name),
            type: type ?? this.selfType(name),
        }));
    });

    /** The type of a method's `self`. */
    private selfType(name: IToken): ast.TypeExpr {
        const span = this.spanOfToken(name);
        return {
            span,
            mut: null,
            modifiers: [],
            tile: null,
            name: { text: SELF_TYPE, span },
            args: null,
            extents: null,
        };
    }

    protected readonly overClause = this.RULE("overClause", (): ast.LaunchClause => {
        const start = this.here();
        const domain: ast.DomainVariable[] = [];
        this.CONSUME(t.Over);
        this.OR({
            DEF: [
                { ALT: () => domain.push(this.SUBRULE1(this.domainVariable)) },
                {
                    ALT: () => {
                        this.CONSUME(t.LeftParen);
                        this.AT_LEAST_ONE_SEP({
                            SEP: t.Comma,
                            DEF: () => domain.push(this.SUBRULE2(this.domainVariable)),
                            ERR_MSG: "a name",
                        });
                        this.CONSUME(t.RightParen);
                    },
                },
            ],
            ERR_MSG: "a domain, such as `i in n`",
        });
        return this.ACTION(() => ({ kind: "over", span: this.spanFrom(start), domain }));
    });

    private readonly domainVariable = this.RULE("domainVariable", (): ast.DomainVariable => {
        const name = this.CONSUME(t.Identifier);
        this.CONSUME(t.In);
        const extent = this.SUBRULE1(this.expression);
        const step = this.OPTION(() => {
            this.CONSUME(t.By);
            return this.SUBRULE2(this.expression);
        });
        return this.ACTION(() => ({ name: this.nameOf(name), extent, step: step ?? null }));
    });

    protected readonly groupsClause = this.RULE("groupsClause", (): ast.LaunchClause => {
        const start = this.here();
        this.CONSUME(t.Groups);
        const groups = this.SUBRULE(this.expression);
        this.CONSUME(t.Workgroup);
        this.CONSUME(t.LeftParen);
        const workgroup = this.SUBRULE(this.expressions);
        this.CONSUME(t.RightParen);
        return this.ACTION(() => ({
            kind: "groups",
            span: this.spanFrom(start),
            groups: groups.kind === "tuple" ? groups.elements : [groups],
            workgroup,
        }));
    });
}
