// Text literals: from what is written between double quotes to what it means.

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\\": "\\", '"': '"' };

export interface ReadText {
    readonly value: string;
    /** The first escape that means nothing: where it stands in the image. */
    readonly mistake: { readonly start: number; readonly end: number } | null;
}

/** @param image with its quotes */
export function readText(image: string): ReadText {
    let mistake: ReadText["mistake"] = null;
    const value = image.slice(1, -1).replace(/\\(.)/gu, (written, sign: string, offset: number) => {
        const meant = ESCAPES[sign];
        if (meant === undefined) mistake ??= { start: offset + 1, end: offset + 1 + written.length };
        return meant ?? sign;
    });
    return { value, mistake };
}
