// The names of NIR's nodes in a network, and back: `lif` is the population `node_lif`, and `lif` in the graph `rnn` is `node_lif` of
// the network `node_rnn` within it. The prefix keeps names from being words of the language, or numbers.

const PREFIX = "node_";

/** By the path of a node, `rnn.lif`, what the network calls it, `node_rnn.node_lif`. */
export type NetworkNames = ReadonlyMap<string, string>;

/** Names of which no two are alike. */
export function namesOf(nodes: readonly string[]): NetworkNames {
    const taken = new Set<string>();
    const graphs = new Map<string, string>();
    const unused = (within: string, word: string): string => {
        const name = `${within}${PREFIX}${word.replace(/\W/g, "_")}`;
        let own = name;
        for (let next = 2; taken.has(own); next++) own = `${name}_${next}`;
        taken.add(own);
        return own;
    };
    return new Map(
        nodes.map((node) => {
            const words = node.split(".");
            let [path, within] = ["", ""];
            for (const word of words.slice(0, -1)) {
                path += `${word}.`;
                const graph = graphs.get(path) ?? `${unused(within, word)}.`;
                graphs.set(path, graph);
                within = graph;
            }
            return [node, unused(within, words.at(-1) as string)];
        }),
    );
}

/**
 * The source of the network and of those within it.
 * @param declared what nodes are there, by the name that they have in the network of their graph
 * @param connects of the network as a whole
 */
export function networksOf(
    name: string,
    names: NetworkNames,
    declared: readonly (readonly [node: string, declaration: (name: string) => string])[],
    connects: readonly string[],
): string {
    const texts: string[] = [];
    const network = (id: string, within: string): void => {
        const inner = declared.flatMap(([node, declaration]) => {
            const own = names.get(node) as string;
            return own.startsWith(within) ? [{ own: own.slice(within.length), declaration }] : [];
        });
        const graphs = [...new Set(inner.flatMap(({ own }) => (own.includes(".") ? [own.replace(/\..*/, "")] : [])))];
        for (const graph of graphs) network(`${id}_${graph}`, `${within}${graph}.`);
        const lines = [
            ...graphs.map((graph) => `network ${graph} = ${id}_${graph}()`),
            ...inner.flatMap(({ own, declaration }) => (own.includes(".") ? [] : [declaration(own)])),
            ...(within === "" ? connects : []),
        ];
        texts.push(`network ${id}(dt: time = 1 ms) {\n${lines.map((line) => `    ${line}\n`).join("")}}\n`);
    };
    network(name, "");
    return texts.join("\n");
}

/** What a file calls parts of a network: nodes that were read get the names back that they had, if that keeps all apart. */
export function writtenNames(parts: readonly string[]): ReadonlyMap<string, string> {
    const plain = parts.map((part) =>
        part
            .split(".")
            .map((word) => (word.startsWith(PREFIX) && word.length > PREFIX.length ? word.slice(PREFIX.length) : word))
            .join("."),
    );
    const isClear = new Set(plain).size === parts.length;
    return new Map(parts.map((part, at) => [part, isClear ? (plain[at] as string) : part]));
}
