// The texts of `print` and `assert`: `{}` is the place of a value, `{{` and `}}` are braces.

/** The pieces between the places of values, one more than places; null where a brace stands alone. */
export function piecesOfTemplate(text: string): readonly string[] | null {
    const pieces = [""];
    const add = (piece: string) => pieces.push(`${pieces.pop() ?? ""}${piece}`);
    for (const [part] of text.matchAll(/\{\}|\{\{|\}\}|[{}]|[^{}]+/gu)) {
        if (part === "{" || part === "}") return null;
        if (part === "{}") pieces.push("");
        else add(part === "{{" || part === "}}" ? part.charAt(0) : part);
    }
    return pieces;
}

/** A template that says just this. */
export function templateOf(text: string): string {
    return text.replace(/[{}]/g, "$&$&");
}
