// Models of neurons, synapses and plasticity, and networks. One rule reads the members of all models: which of them
// suit which model is for the checker to say. After an error in a member, the parser goes on with the next.

import type { IOrAlt, ParserMethod } from "#chevrotain";
import type * as ast from "./ast.js";
import { StatementParser } from "./statement-parser.js";
import { reportExpected } from "./syntax-errors.js";
import * as t from "./tokens.js";

export abstract class NetworkParser extends StatementParser {
    /** `(tau: time = 20 ms, …)`, or nothing. */
    protected readonly fields = this.RULE("fields", (): ast.Field[] => {
        const list: ast.Field[] = [];
        this.OPTION(() => {
            this.CONSUME(t.LeftParen);
            this.MANY_SEP({ SEP: t.Comma, DEF: () => list.push(this.SUBRULE(this.field)) });
            this.CONSUME(t.RightParen);
        });
        return list;
    });

    private readonly field = this.RULE("field", (): ast.Field => {
        const start = this.here();
        const name = this.CONSUME(t.Identifier);
        this.CONSUME(t.Colon);
        const type = this.SUBRULE(this.type);
        const value = this.OPTION(() => {
            this.CONSUME(t.Assign);
            return this.SUBRULE(this.expression);
        });
        return this.ACTION(() => ({
            span: this.spanFrom(start),
            name: this.nameOf(name),
            type,
            value: value ?? null,
        }));
    });

    protected readonly modelMembers = this.RULE("modelMembers", (): ast.ModelMember[] => {
        const members: ast.ModelMember[] = [];
        this.CONSUME(t.LeftBrace);
        this.MANY(() =>
            this.OR([
                { ALT: () => this.CONSUME(t.Separator), IGNORE_AMBIGUITIES: true },
                {
                    ALT: () => {
                        const member = this.SUBRULE(this.recoveringModelMember);
                        if (member !== null) members.push(member);
                    },
                },
            ]),
        );
        this.CONSUME(t.RightBrace);
        return members;
    });

    private readonly recoveringModelMember = this.RULE("recoveringModelMember", (): ast.ModelMember | null =>
        this.recover(() => this.SUBRULE(this.modelMember)),
    );

    private readonly modelMember = this.RULE("modelMember", (): ast.ModelMember | null =>
        this.OR({ DEF: this.modelMemberKinds, ERR_MSG: MODEL_MEMBERS }),
    );

    /** Their words are names where they are a state's: `output' = …`. */
    private readonly isWord = () => this.LA(2).tokenType !== t.Prime;

    private readonly modelMemberKinds: IOrAlt<ast.ModelMember | null>[] = [
        { GATE: this.isWord, ALT: () => this.SUBRULE(this.variable), IGNORE_AMBIGUITIES: true },
        { GATE: this.isWord, ALT: () => this.SUBRULE(this.trace), IGNORE_AMBIGUITIES: true },
        { GATE: this.isWord, ALT: () => this.SUBRULE(this.spike), IGNORE_AMBIGUITIES: true },
        { GATE: this.isWord, ALT: () => this.SUBRULE(this.reaction), IGNORE_AMBIGUITIES: true },
        { GATE: this.isWord, ALT: () => this.SUBRULE(this.bound), IGNORE_AMBIGUITIES: true },
        { GATE: this.isWord, ALT: () => this.SUBRULE(this.output), IGNORE_AMBIGUITIES: true },
        { GATE: this.isWord, ALT: () => this.SUBRULE(this.pairing), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.localDeclaration), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.localAttribute), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.derivative), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.strayMember(MODEL_MEMBERS) },
    ];

    private readonly variable = this.RULE("variable", (): ast.ModelMember => {
        const start = this.here();
        const word = this.OR([
            { ALT: () => this.CONSUME(t.Port) },
            { ALT: () => this.CONSUME(t.State) },
            { ALT: () => this.CONSUME(t.Param) },
        ]);
        const field = this.SUBRULE(this.field);
        return this.ACTION(() => ({
            kind: word.image as "port" | "state" | "param",
            span: this.spanFrom(start),
            field,
        }));
    });

    private readonly trace = this.RULE("trace", (): ast.ModelMember => {
        const start = this.here();
        this.CONSUME(t.Trace);
        const name = this.CONSUME1(t.Identifier);
        const args = this.SUBRULE(this.parameters);
        const event = this.OPTION(() => {
            this.CONSUME(t.On);
            return this.CONSUME2(t.Identifier);
        });
        return this.ACTION(() => ({
            kind: "trace",
            span: this.spanFrom(start),
            name: this.nameOf(name),
            args,
            event: event === undefined ? null : this.nameOf(event),
        }));
    });

    private readonly spike = this.RULE("spike", (): ast.ModelMember => {
        const start = this.here();
        this.CONSUME(t.Spike);
        this.CONSUME(t.When);
        const condition = this.SUBRULE(this.expression);
        const body = this.SUBRULE(this.block);
        return this.ACTION(() => ({ kind: "spike", span: this.spanFrom(start), condition, body }));
    });

    private readonly reaction = this.RULE("reaction", (): ast.ModelMember => {
        const start = this.here();
        this.CONSUME(t.On);
        const event = this.CONSUME(t.Identifier);
        const args = this.SUBRULE(this.optionalParameters);
        const body = this.SUBRULE(this.block);
        return this.ACTION(() => ({ kind: "on", span: this.spanFrom(start), event: this.nameOf(event), args, body }));
    });

    private readonly bound = this.RULE("bound", (): ast.ModelMember => {
        const at = this.here();
        const word = this.OR([{ ALT: () => this.CONSUME(t.Bound) }, { ALT: () => this.CONSUME(t.Clamp) }]);
        const name = this.CONSUME(t.Identifier);
        this.CONSUME(t.In);
        const start = this.SUBRULE1(this.expression);
        this.CONSUME(t.DotDot);
        const end = this.SUBRULE2(this.expression);
        return this.ACTION(() => {
            const kind = word.image as "bound" | "clamp";
            return { kind, span: this.spanFrom(at), name: this.nameOf(name), start, end };
        });
    });

    private readonly output = this.RULE("output", (): ast.ModelMember => {
        const start = this.here();
        const word = this.OR([{ ALT: () => this.CONSUME(t.Output) }, { ALT: () => this.CONSUME(t.Substeps) }]);
        const value = this.SUBRULE(this.expression);
        return this.ACTION(() => ({ kind: word.image as "output" | "substeps", span: this.spanFrom(start), value }));
    });

    private readonly pairing = this.RULE("pairing", (): ast.ModelMember & ast.NetworkMember => {
        const start = this.here();
        this.CONSUME(t.Pairing);
        const scheme = this.CONSUME(t.Identifier);
        return this.ACTION(() => ({ kind: "pairing", span: this.spanFrom(start), scheme: this.nameOf(scheme) }));
    });

    private readonly localDeclaration = this.RULE("localDeclaration", (): ast.ModelMember & ast.NetworkMember => {
        const statement = this.SUBRULE(this.declaration);
        return this.ACTION(() => ({ kind: "declare", span: statement.span, statement }));
    });

    private readonly localAttribute = this.RULE("localAttribute", (): ast.ModelMember & ast.NetworkMember => {
        const start = this.here();
        this.CONSUME(t.Hash);
        const name = this.CONSUME(t.Identifier);
        const args = this.SUBRULE(this.optionalParameters);
        return this.ACTION(() => {
            const span = this.spanFrom(start);
            return { kind: "attribute", span, attribute: { span, name: this.nameOf(name), args } };
        });
    });

    private readonly derivative = this.RULE("derivative", (): ast.ModelMember => {
        const start = this.here();
        const state = this.CONSUME(t.Identifier);
        this.CONSUME(t.Prime);
        this.CONSUME(t.Assign);
        const value = this.SUBRULE(this.expression);
        return this.ACTION(() => ({
            kind: "derivative",
            span: this.spanFrom(start),
            state: this.nameOf(state),
            value,
        }));
    });

    protected readonly networkMembers = this.RULE("networkMembers", (): ast.NetworkMember[] => {
        const members: ast.NetworkMember[] = [];
        this.CONSUME(t.LeftBrace);
        this.MANY(() =>
            this.OR([
                { ALT: () => this.CONSUME(t.Separator), IGNORE_AMBIGUITIES: true },
                {
                    ALT: () => {
                        const member = this.SUBRULE(this.recoveringNetworkMember);
                        if (member !== null) members.push(member);
                    },
                },
            ]),
        );
        this.CONSUME(t.RightBrace);
        return members;
    });

    private readonly recoveringNetworkMember = this.RULE("recoveringNetworkMember", (): ast.NetworkMember | null =>
        this.recover(() => this.SUBRULE(this.networkMember)),
    );

    private readonly networkMember = this.RULE("networkMember", (): ast.NetworkMember | null =>
        this.OR({ DEF: this.networkMemberKinds, ERR_MSG: NETWORK_MEMBERS }),
    );

    private readonly networkMemberKinds: IOrAlt<ast.NetworkMember | null>[] = [
        { ALT: () => this.SUBRULE(this.part), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.subnetwork), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.connection), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.learning), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.recording), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.step), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.pairing), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.localDeclaration), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.localAttribute), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.strayMember(NETWORK_MEMBERS) },
    ];

    private readonly part = this.RULE("part", (): ast.NetworkMember => {
        const start = this.here();
        const word = this.OR([
            { ALT: () => this.CONSUME(t.Population) },
            { ALT: () => this.CONSUME(t.Layer) },
            { ALT: () => this.CONSUME(t.Stimulus) },
        ]);
        const name = this.CONSUME(t.Identifier);
        const args = this.SUBRULE(this.parameters);
        return this.ACTION(() => {
            const kind = word.image as "population" | "layer" | "stimulus";
            return { kind, span: this.spanFrom(start), name: this.nameOf(name), args };
        });
    });

    private readonly subnetwork = this.RULE("subnetwork", (): ast.NetworkMember => {
        const start = this.here();
        this.CONSUME(t.Network);
        const name = this.CONSUME1(t.Identifier);
        this.CONSUME(t.Assign);
        const network = this.CONSUME2(t.Identifier);
        const args = this.SUBRULE(this.optionalParameters);
        return this.ACTION(() => ({
            kind: "subnetwork",
            span: this.spanFrom(start),
            name: this.nameOf(name),
            network: this.nameOf(network),
            args,
        }));
    });

    private readonly connection = this.RULE("connection", (): ast.NetworkMember => {
        const start = this.here();
        this.CONSUME(t.Connect);
        const from = this.SUBRULE(this.path);
        this.CONSUME(t.Arrow);
        const to = this.SUBRULE(this.paths);
        const args = this.SUBRULE(this.optionalParameters);
        return this.ACTION(() => ({ kind: "connect", span: this.spanFrom(start), from, to, args }));
    });

    private readonly learning = this.RULE("learning", (): ast.NetworkMember => {
        const start = this.here();
        this.CONSUME(t.Plasticity);
        const rule = this.CONSUME(t.Identifier);
        const args = this.SUBRULE(this.optionalParameters);
        const on = this.OPTION(() => {
            this.CONSUME(t.On);
            const from = this.SUBRULE1(this.path);
            this.CONSUME(t.Arrow);
            return { from, to: this.SUBRULE2(this.path) };
        });
        return this.ACTION(() => ({
            kind: "plasticity",
            span: this.spanFrom(start),
            rule: this.nameOf(rule),
            args,
            on: on ?? null,
        }));
    });

    private readonly recording = this.RULE("recording", (): ast.NetworkMember => {
        const start = this.here();
        this.CONSUME(t.Record);
        const what = this.CONSUME(t.Identifier);
        this.CONSUME(t.Of);
        const of = this.SUBRULE(this.paths);
        const args = this.SUBRULE(this.optionalParameters);
        return this.ACTION(() => ({ kind: "record", span: this.spanFrom(start), what: this.nameOf(what), of, args }));
    });

    private readonly step = this.RULE("step", (): ast.NetworkMember => {
        const start = this.here();
        const phases: ast.Name[] = [];
        this.CONSUME(t.Step);
        this.CONSUME(t.LeftBrace);
        this.MANY(() =>
            this.OR([
                { ALT: () => this.CONSUME(t.Separator) },
                {
                    ALT: () => {
                        const name = this.CONSUME(t.Identifier);
                        this.ACTION(() => phases.push(this.nameOf(name)));
                    },
                },
            ]),
        );
        this.CONSUME(t.RightBrace);
        return this.ACTION(() => ({ kind: "step", span: this.spanFrom(start), phases }));
    });

    private readonly parameters = this.RULE("parameters", (): ast.Argument[] => {
        this.CONSUME(t.LeftParen);
        const args = this.SUBRULE(this.args);
        this.CONSUME(t.RightParen);
        return args;
    });

    private readonly optionalParameters: ParserMethod<[], ast.Argument[]> = this.RULE(
        "optionalParameters",
        (): ast.Argument[] => this.OPTION(() => this.SUBRULE(this.parameters)) ?? [],
    );

    private readonly paths = this.RULE("paths", (): ast.Path[] => {
        const list: ast.Path[] = [];
        this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => list.push(this.SUBRULE(this.path)), ERR_MSG: "a name" });
        return list;
    });

    private readonly path = this.RULE("path", (): ast.Path => {
        const start = this.here();
        const names: ast.Name[] = [];
        this.AT_LEAST_ONE_SEP({
            SEP: t.Dot,
            DEF: () => {
                const name = this.CONSUME(t.Identifier);
                this.ACTION(() => names.push(this.nameOf(name)));
            },
            ERR_MSG: "a name",
        });
        return this.ACTION(() => ({ span: this.spanFrom(start), names }));
    });

    /** What begins no member. */
    private strayMember(wanted: string): null {
        const token = this.CONSUME(t.Anything);
        this.ACTION(() => {
            this.problems.push(reportExpected(this.source, wanted, token, undefined));
        });
        return null;
    }
}

const MODEL_MEMBERS = "a part of the model, such as `state v: voltage` or `v' = …`";
const NETWORK_MEMBERS = "a part of the network, such as `layer`, `population` or `connect`";
